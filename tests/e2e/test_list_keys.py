"""The keys of every list: `/` to the search field, j and k from row to row, Enter opens, x ticks, ? shows them and they can be
switched off there (WCAG 2.1.4)."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.faces]


def row_of(page) -> int:
    """Which row of the list holds the focus, from 0; -1 for none."""
    return page.evaluate(
        "() => [...document.querySelectorAll('main tbody tr')].findIndex(row => row.contains(document.activeElement))"
    )


def test_rows_are_walked_and_opened(person):
    page = person("buyer1").page
    page.goto("/orders/")
    keys = page.keyboard
    keys.press("j")
    assert row_of(page) == 0
    keys.press("j")
    keys.press("ArrowDown")
    assert row_of(page) == 2
    keys.press("k")
    assert row_of(page) == 1
    address = page.evaluate("document.activeElement.getAttribute('href')")
    keys.press("Enter")
    page.wait_for_url(f"**{address}")


def test_the_search_field_takes_letters_as_letters(person):
    page = person("buyer1").page
    page.goto("/orders/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("jkx?/")
    assert page.get_by_label("订单号或计划号").input_value() == "jkx?/"
    assert row_of(page) == -1 and not page.locator("#keys").is_visible()


def test_rows_are_ticked(person):
    page = person("seller1").page
    page.goto("/order-desk/")
    boxes = page.locator("main tbody input[type=checkbox]")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert boxes.first.is_checked()
    page.keyboard.press("x")
    assert not boxes.first.is_checked()


def test_the_keys_are_shown_and_switched_off(person):
    page = person("buyer1").page
    page.goto("/orders/")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.locator("[data-keys-off]").press("Space")
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("j")
    assert row_of(page) == -1
    # Kept in this browser; the button opens the help all the same.
    page.goto("/contracts/")
    page.keyboard.press("j")
    assert row_of(page) == -1
    page.locator("[data-keys]").first.press("Enter")
    page.locator("[data-keys-off]").press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert row_of(page) == 0
