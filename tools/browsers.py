"""The Chromium of this machine, for pictures and for the walks of tests/e2e."""

import shutil

# The headless shell takes half the work of the full browser.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")


def chromium() -> str | None:
    """The path of the first there is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)
