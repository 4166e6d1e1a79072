"""All rules of all apps under the shipped law: wiring, like `urls` and `celery`.

from sunlight.rules import RULES, ask
ask({"rule": "price.alert_line", "region": "CN-GD-SZ", "date": "2026-03-01", "facts": {...}})
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sunlight.acts import current_policy
from sunlight.kernel import rulebook
from sunlight.kernel.rule import REGISTRY, Rule

_MODULES = (
    "sunlight.kernel.rules",
    "sunlight.tenancy.rules",
    "catalog.rules",
    "pricing.rules",
    "procurement.bargaining.rules",
    "procurement.filing.rules",
    "settlement.rules",
    "credit.rules",
)
for _module in _MODULES:
    _found = import_module(_module)  # importing registers its rules
    for _topic in iter_modules(getattr(_found, "__path__", [])):
        import_module(f"{_module}.{_topic.name}")

# By name, whichever module somebody happened to import first.
RULES: Mapping[str, Rule] = dict(sorted(REGISTRY.items()))


def ask(request: object) -> dict[str, Any]:
    """The rule service's answer to one request under the current policy."""
    return rulebook.answer(request, current_policy(), RULES)


def ask_line(line: str | bytes) -> dict[str, Any]:
    """The rule service's answer to one line of JSON."""
    return rulebook.answer_line(line, current_policy(), RULES)
