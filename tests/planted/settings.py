"""The house's settings with one app more: two lines, as in `sunlight/settings.py` and `sunlight/urls.py`."""

from sunlight import settings
from sunlight.settings import *  # noqa: F403

INSTALLED_APPS = [*settings.INSTALLED_APPS, "recalls"]
ROOT_URLCONF = "tests.planted.urls"
