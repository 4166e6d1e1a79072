"""Hands that use no mouse."""


def tabs(page, target) -> None:
    """Reach an element by the Tab key alone."""
    target.wait_for()
    for _ in range(300):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


def presses(page, target, key: str = "Enter") -> None:
    tabs(page, target)
    page.keyboard.press(key)


def types(page, target, text: str) -> None:
    tabs(page, target)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def dates(page, target, year: int, month: int, day: int) -> None:
    """A date in the browser's own field, whose parts headless Chromium draws in the American order whatever the page's
    language."""
    tabs(page, target)
    page.keyboard.type(f"{month:02}{day:02}{year}")
    assert target.input_value() == f"{year}-{month:02}-{day:02}"


def chooses(page, label: str) -> None:
    """An entry of the menu."""
    presses(page, page.get_by_label("主菜单").get_by_role("link", name=label, exact=True))
