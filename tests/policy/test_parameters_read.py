"""The law stands once: each dated parameter is read on the trade, or says in its YAML why none reads it."""

import pytest

from sunlight.acts import current_policy
from tests.policy.reached import graph_of, is_read, is_read_by_trade, patterns, reached_in

PARAMETERS = current_policy().parameters


@pytest.mark.parametrize("key", sorted(PARAMETERS))
def test_each_parameter_is_read_on_the_trade_or_says_why_not(key):
    parameter, file = PARAMETERS[key], PARAMETERS[key].file
    if parameter.stated_only:
        assert not is_read(key), f"{key} ({file}) is read by code: take its `stated_only` away"
    elif parameter.waits_for:
        assert not is_read_by_trade(key), f"{key} ({file}) is read on the trade: take its `waits_for` away"
    else:
        assert is_read_by_trade(key), (
            f"no service, task or page leads to code that reads {key} ({file}): delete it, or say `waits_for:` which"
            " capability will, or `stated_only:` why none"
        )


RULES = """
from sunlight.kernel.rule import rule
KEY = "pay.grace"
def _window(read):
    return read.find(KEY)
@rule("pay.due", parameters=("pay.days", "pay.declared"))
def pay_due(read, kind):
    "Read by pay.docstring."
    _window(read)
    return read.at("pay.days") + read.find(f"pay.{kind}.ratio")
@rule("pay.idle", parameters=("pay.idle",))
def pay_idle(read):
    return read.at("pay.idle")
"""


def _reached(caller: str, module: str) -> list[str]:
    graph = graph_of({"settlement.rules": RULES, module: caller})
    found = patterns(graph, reached_in(graph))
    keys = ("pay.days", "pay.grace", "pay.late.ratio", "pay.idle", "pay.declared", "pay.docstring")
    return [key for key in keys if found.pattern and found.fullmatch(key)]


def test_what_a_service_leads_to_is_read():
    caller = "from settlement.rules import pay_due\ndef invoice_submit():\n    return pay_due()\n"
    assert _reached(caller, "settlement.services.invoices") == ["pay.days", "pay.grace", "pay.late.ratio"]


def test_what_only_a_query_nobody_calls_reads_is_not_read():
    caller = "from settlement import rules\ndef due():\n    return rules.pay_due()\n"
    assert _reached(caller, "settlement.queries") == []
    assert _reached(caller, "settlement.tasks") == ["pay.days", "pay.grace", "pay.late.ratio"]
