"""Django's own deployment checks find nothing under production settings."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_deployment_checks_are_clean():
    environment = {
        **os.environ,
        "SUNLIGHT_HTTPS": "1",
        "SUNLIGHT_SECRET_KEY": secrets.token_urlsafe(48),
        "SUNLIGHT_ALLOWED_HOSTS": "sunlight.example.org",
        "DJANGO_SETTINGS_MODULE": "sunlight.settings",
    }
    environment.pop("SUNLIGHT_DEBUG", None)
    ran = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
