"""Draws docs/picture.png, the README's picture, from today's product.

    make picture

It plays the demonstration in its own database, serves it, and photographs one page in Chromium. The clock stands still
at a fixed moment, so the same product gives the same picture.
"""

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import django
import time_machine
from django.core.servers.basehttp import ThreadedWSGIServer, get_internal_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import sync_playwright

from tools.browsers import chromium
from tools.screenshots import enter

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "picture.png"
# A Monday morning in Shanghai, on which the working days of the weeks around are known.
MOMENT = datetime.fromisoformat("2026-11-23T10:30:00+08:00")
# A buyer opens this product of this manufacturer and types a price that the law of the day does not allow.
PERSON, PRODUCT, MAKER, PRICE = "buyer1", "药物洗脱冠脉支架系统", "示范医疗器械有限公司", "720.00"
SIZE = {"width": 1366, "height": 900}


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of the demonstration as it stands at MOMENT."""
    from sunlight.demo import story
    from tests import databases

    with (
        databases.copy_of(databases.template(), f"sun_picture_{os.getpid()}"),
        time_machine.travel(MOMENT, tick=False),
    ):
        story.play(say=lambda line: None)
        server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        server.set_app(get_internal_wsgi_application())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def photograph(site: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = enter(browser, site, PERSON, "zh-hans")
        page.set_viewport_size(SIZE)
        page.goto(f"/products/?q={PRODUCT}")
        page.locator("tr", has_text=MAKER).get_by_role("link", name=PRODUCT).first.click()
        page.wait_for_url(re.compile(r"/products/\d+/$"))
        page.locator("[name=price]").fill(PRICE)
        page.locator("#trial .alert").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE, animations="disabled", caret="hide")
        browser.close()


if __name__ == "__main__":
    os.environ.update(DJANGO_SETTINGS_MODULE="tests.quick_settings", SUNLIGHT_DEMO="1")
    django.setup()
    logging.getLogger("sunlight.request").setLevel(logging.WARNING)
    with demonstration() as address:
        photograph(address)
