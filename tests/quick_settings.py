"""The settings of the web processes and commands that tests start: production's, with passwords that are cheap to check."""

from sunlight import settings
from sunlight.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
