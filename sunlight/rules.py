"""All rules of the installed apps and of their rooms under the policy of the scope: wiring, like `urls` and `celery`.

from sunlight import scope
from sunlight.rules import RULES, ask
ask({"rule": "price.alert_line", "region": "CN-GD-SZ", "date": "2026-03-01", "facts": {...}})
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from sunlight import scope
from sunlight.kernel import rulebook
from sunlight.kernel.modules import load
from sunlight.kernel.rule import REGISTRY, Rule

# Importing them registers their rules.
load(["sunlight.kernel", *settings.INSTALLED_APPS], "rules")

# By name, whichever module somebody happened to import first.
RULES: Mapping[str, Rule] = dict(sorted(REGISTRY.items()))


def ask(request: object) -> dict[str, Any]:
    """The rule service's answer to one request under the current policy."""
    return rulebook.answer(request, scope.policy(), RULES)


def ask_line(line: str | bytes) -> dict[str, Any]:
    """The rule service's answer to one line of JSON."""
    return rulebook.answer_line(line, scope.policy(), RULES)
