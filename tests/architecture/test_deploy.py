"""Django's own deployment checks find nothing under production settings."""

import runpy
import secrets
from pathlib import Path

import pytest
from django.conf import settings
from django.core import checks
from django.test import override_settings

SETTINGS = Path(__file__).resolve().parent.parent.parent / "sunlight" / "settings.py"


@pytest.fixture
def found(monkeypatch):
    """What the checks find under the settings that an environment gives."""

    def finding(**environment) -> list[str]:
        monkeypatch.delenv("SUNLIGHT_DEBUG", raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        given = {name: value for name, value in runpy.run_path(str(SETTINGS)).items() if name.isupper()}
        other = {name: value for name, value in given.items() if getattr(settings, name, None) != value}
        # The tests' own database, and how cheaply tests check passwords, are not what is deployed.
        for own in ("DATABASES", "PASSWORD_HASHERS"):
            other.pop(own, None)
        with override_settings(**other):
            messages = checks.run_checks(include_deployment_checks=True)
        return [str(message) for message in messages if message.level >= checks.WARNING]

    return finding


def test_deployment_checks_are_clean(found):
    assert (
        found(
            SUNLIGHT_HTTPS="1",
            SUNLIGHT_SECRET_KEY=secrets.token_urlsafe(48),
            SUNLIGHT_ALLOWED_HOSTS="sunlight.example.org",
        )
        == []
    )


def test_the_checks_see_a_bad_deployment(found):
    assert any("SECURE_SSL_REDIRECT" in each for each in found(SUNLIGHT_HTTPS="0", SUNLIGHT_SECRET_KEY="x" * 50))
