"""The apps of the house, as the settings list them."""

from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = tuple(app for app in settings.INSTALLED_APPS if (ROOT / app.replace(".", "/")).is_dir())
# The trade's own, above the platform they stand on.
APPS = tuple(app for app in INSTALLED if "." not in app)
# What runs in production.
PACKAGES = ("sunlight", *APPS)
