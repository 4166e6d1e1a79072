"""Pictures of every page of every role's menu, of a running demonstration, and its documents as they print.

    python -m tools.screenshots http://127.0.0.1:8000 [--every] [--english] [person …]

Writes to the ignored folder `screenshots/`, 1366 × 768 in Chinese: `<person>-<page>.png`, and `<document>.pdf` on A4. A page
is taken once, by whoever comes first to it; `--every` takes it for everybody.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.browsers import chromium

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
PEOPLE = (
    "buyer1",
    "approver1",
    "receiver1",
    "cashier1",
    "hadmin1",
    "hauditor1",
    "seller1",
    "lister1",
    "finance1",
    "shipper1",
    "makeradmin1",
    "reviewer",
    "confirmer",
    "settler",
    "support",
    "insurance.officer",
    "sysadmin",
    "secadmin",
    "auditadmin",
)
# Who prints what: from a list the first row's page, then the link to its paper where there is one.
PAPERS = (
    ("buyer1", "/orders/?page=1", r"/orders/\d+/", "print/"),
    ("buyer1", "/contracts/?page=1", r"/contracts/\d+/", ""),
    ("shipper1", "/deliveries/?page=1", r"/deliveries/\d+/", ""),
    ("cashier1", "/settlement/statement/", "", ""),
)


def enter(browser, site: str, person: str, language: str) -> Page:
    context = browser.new_context(base_url=site, locale="zh-CN", viewport={"width": 1366, "height": 768})
    if language != "zh-hans":
        context.add_cookies([{"name": "django_language", "value": language, "url": site}])
    page = context.new_page()
    page.goto("/login/")
    page.locator(f"[data-demo-account='{person}']").click()
    page.wait_for_url("**/")
    return page


def menu(page: Page) -> list[str]:
    links = page.locator("#menu a.nav-link").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return list(dict.fromkeys(links))


def picture(page: Page, person: str, path: str) -> None:
    response = page.goto(path)
    name = re.sub(r"\W+", "-", path).strip("-") or "workbench"
    page.screenshot(path=FOLDER / f"{person}-{name}.png")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    sys.stdout.write(f"{response.status} {person} {path}{'  WIDER THAN THE SCREEN' if wide else ''}\n")


def paper(page: Page, listed: str, pattern: str, more: str) -> None:
    page.goto(listed)
    if pattern:
        found = re.search(f'href="({pattern})"', page.content())
        if not found:
            return
        page.goto(found[1] + more)
    name = re.sub(r"\W+", "-", listed.partition("?")[0] + more).strip("-")
    page.pdf(path=FOLDER / f"{name}.pdf", format="A4", print_background=False)
    sys.stdout.write(f"printed {name}\n")


def main(arguments: list[str]) -> None:
    site = next(a for a in arguments if a.startswith("http"))
    people = [a for a in arguments if not a.startswith(("http", "--"))] or PEOPLE
    language = "en" if "--english" in arguments else "zh-hans"
    FOLDER.mkdir(exist_ok=True)
    seen: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for person in people:
            page = enter(browser, site, person, language)
            for path in menu(page):
                if path == "/" or "--every" in arguments or path not in seen:
                    picture(page, person, path)
                seen.add(path)
            for _who, *way in (each for each in PAPERS if each[0] == person):
                paper(page, *way)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
