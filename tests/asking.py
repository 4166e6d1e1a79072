"""Asks the rule service as a stranger would: JSON in, JSON out."""

import json

from sunlight.kernel.rulebook import dumps
from sunlight.rules import ask_line


def ask(rule, region, on, facts, **more):
    """The whole answer, after a round trip through JSON text."""
    return json.loads(dumps(ask_line(json.dumps({"rule": rule, "region": region, "date": on, "facts": facts} | more))))


def outcome(rule, region, on, facts, **more):
    """The outcome of a regulated answer."""
    answer = ask(rule, region, on, facts, **more)
    assert answer.get("regulated") is True, answer
    return answer["outcome"]


def regulated(rule, region, on, facts):
    """Whether a text in force has the rule; an unregulated answer decides nothing."""
    answer = ask(rule, region, on, facts)
    if answer["regulated"] is False:
        assert (answer["allowed"], answer["outcome"], answer["parameters"]) == (None, None, [])
        # It may say which text ended, or has not begun.
        assert {reason["code"] for reason in answer["reasons"]} <= {"rule_ended", "rule_not_begun"}
    return answer["regulated"]


def broken(answer):
    """Clauses of refusing and flagging reasons."""
    return [reason["clause"] for reason in answer["reasons"] if reason["effect"] in ("refuse", "flag")]


def error(rule, region, on, facts, **more):
    """Code and path of a refusal to judge."""
    answer = ask(rule, region, on, facts, **more)
    assert set(answer) == {"error"}, answer
    assert answer["error"]["message"]
    return answer["error"]["code"], answer["error"]["path"]
