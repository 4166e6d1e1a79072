"""The known answers of the rule service, line by line through the engine."""

import json
from pathlib import Path

import pytest

from sunlight.kernel.rulebook import dumps
from sunlight.rules import RULES, ask_line
from tests.architecture.checks import CHINESE

# They read what a code says, and judge nothing.
FORMS = ("code.parse", "uscc.check")
LINES = [
    line
    for path in sorted((Path(__file__).parent.parent / "vectors").glob("*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]


def test_no_known_answer_was_lost():
    assert len(LINES) >= 300


@pytest.mark.parametrize("line", LINES, ids=[json.loads(line)["id"] for line in LINES])
def test_vector(line):
    expect = json.loads(line)["expect"]
    answer = json.loads(dumps(ask_line(line)))
    if "error" in expect:
        assert answer["error"]["path"] == expect["error"]["path"]
        return
    assert answer["regulated"] is expect["regulated"]
    assert answer["allowed"] is expect["allowed"]
    if expect["outcome"] is None:
        assert answer["outcome"] is None
    else:
        assert {key: answer["outcome"][key] for key in expect["outcome"]} == expect["outcome"]
    broken = [reason["clause"] for reason in answer["reasons"] if reason["effect"] in ("refuse", "flag")]
    assert sorted(broken) == sorted(expect["clauses"])


@pytest.mark.parametrize("line", LINES, ids=[json.loads(line)["id"] for line in LINES])
def test_every_answer_says_why(line):
    """A verdict, an allowed one too, has a reason that names its clause. Rules that only read a form need none."""
    answer = json.loads(dumps(ask_line(line)))
    if answer.get("regulated") and RULES[answer["rule"]].clauses and answer["rule"] not in FORMS:
        assert answer["reasons"], answer
        assert all(reason["clause"] and CHINESE.search(reason["message"]) for reason in answer["reasons"])
