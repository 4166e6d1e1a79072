"""All rules of all apps under the shipped law: wiring, like `urls` and `celery`.

from sunlight.rules import RULES, ask
ask({"rule": "price.alert_line", "region": "CN-GD-SZ", "date": "2026-03-01", "facts": {...}})
"""

from collections.abc import Mapping
from typing import Any

import sunlight.kernel.rules
import sunlight.tenancy.rules  # noqa: F401 - importing registers
from sunlight.acts import current_policy
from sunlight.kernel import rulebook
from sunlight.kernel.rule import REGISTRY, Rule

RULES: Mapping[str, Rule] = REGISTRY


def ask(request: object) -> dict[str, Any]:
    """The rule service's answer to one request under the current policy."""
    return rulebook.answer(request, current_policy(), RULES)


def ask_line(line: str | bytes) -> dict[str, Any]:
    """The rule service's answer to one line of JSON."""
    return rulebook.answer_line(line, current_policy(), RULES)
