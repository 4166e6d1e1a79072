"""A real Chromium in front of a real web process."""

import os
import re

import pytest

from tools import browsers

CHROMIUM = browsers.chromium()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One site is visited: no process for each frame's, and none kept in store.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
    "--no-zygote",
]


def pytest_collection_modifyitems(config, items):
    """Browser tests run where a Chromium is found; `.ci/run` demands them."""
    if CHROMIUM or os.environ.get("SUNLIGHT_REQUIRE_BROWSER") == "1":
        return
    kept = [item for item in items if not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(scope="module")
def chromium(site):
    """One browser for the tests of a file. It starts after the database and ends before the next file's tests: where
    Playwright's event loop runs, Django refuses the database."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser, logged in by the demonstration's button."""

    def __init__(self, browser, site: str, username: str):
        self.site = site
        self.context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=site, accept_downloads=True
        )
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        self.cookies: dict[str, list] = {}
        self.errors: list[str] = []
        # How many refusals (422) the test means to meet; Chromium reports each as an error.
        self.refusals = 0
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.becomes(username)

    def becomes(self, username: str):
        """The same browser, which has the site's files already, in another's hands: the first logs in by the button, the
        others by what it sends, and who comes again is still logged in. Returns its page."""
        self.context.clear_cookies()
        if username in self.cookies:
            self.context.add_cookies(self.cookies[username])
            self.page.goto("/")
        elif not self.cookies:
            self.page.goto("/login/")
            self.page.locator(f"[data-demo-account='{username}']").click()
            self.page.wait_for_url("/")
        else:
            shown = self.context.request.get("/login/").text()
            form = re.search(rf'<form(?:(?!</form>).)*data-demo-account="{username}".*?</form>', shown, re.S).group()
            facts = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
            self.context.request.post("/login/", form=facts, headers={"Referer": self.site}, max_redirects=0)
            self.page.goto("/")
        self.cookies[username] = self.context.cookies()
        return self.page

    def unexpected(self) -> list[str]:
        """Script errors and refused resources, but for the refusals the test meant to meet."""
        # What htmx says of a request that the next page cut off; a refused one is reported by Chromium too.
        cut_off = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
        left = [error for error in self.errors if not error.startswith(cut_off)]
        for _ in range(self.refusals):
            met = next((error for error in left if "status of 422" in error), None)
            assert met, "a refusal was expected and none came"
            left.remove(met)
        return left

    def close(self):
        self.context.close()


@pytest.fixture
def person(chromium, site):
    """`person("buyer1")` gives a logged-in browser; a script error or a refused resource fails the test at its end."""
    opened: list[Person] = []

    def enter(username: str) -> Person:
        someone = Person(chromium, site, username)
        opened.append(someone)
        return someone

    yield enter
    errors = [error for someone in opened for error in someone.unexpected()]
    for someone in opened:
        someone.close()
    assert errors == []
