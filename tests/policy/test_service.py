"""The rule service as a whole: order of errors, passing through, odd JSON, command line, REST, documentation."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from rest_framework.test import APIRequestFactory

from sunlight.acts import ROOT, current_policy
from sunlight.kernel.rule import REGISTRY
from sunlight.kernel.rulesdoc import rules_markdown
from sunlight.rules import RULES, ask, ask_line
from sunlight.scope import Client
from sunlight.scope.actor import ANONYMOUS
from supervision.api.rules import RuleAsk, RuleList
from tests.asking import ask as asked
from tests.asking import error

GOOD = {"rule": "uscc.check", "region": "CN", "date": "2026-01-01", "facts": {"code": "91110000600037341L"}}


def located(request):
    found = ask(request)["error"]
    return found["code"], found["path"]


def test_every_rule_has_known_answers_and_a_sentence():
    # `bargain.decide.hubei.jsonl`: a rule may have several files.
    files = [path.stem for path in (ROOT / "tests" / "vectors").glob("*.jsonl")]
    assert set(RULES) <= set(files)
    assert all(any(file == name or file.startswith(f"{name}.") for name in RULES) for file in files)
    assert len(RULES) >= 18
    for rule in RULES.values():
        assert rule.sentence.endswith("。")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"rule": None}, ("missing", "rule")),
        ({"rule": "uscc"}, ("unknown_value", "rule")),
        ({"rule": ["uscc.check"]}, ("wrong_type", "rule")),
        ({"region": None}, ("missing", "region")),
        ({"region": ""}, ("unknown_value", "region")),
        ({"region": "cn"}, ("unknown_value", "region")),
        ({"region": "CN-GD-GZ"}, ("unknown_value", "region")),
        ({"region": "CN\n"}, ("unknown_value", "region")),
        ({"region": 5}, ("wrong_type", "region")),
        ({"region": {}}, ("wrong_type", "region")),
        ({"date": None}, ("missing", "date")),
        ({"date": 20260101}, ("wrong_type", "date")),
        ({"date": "20260101"}, ("malformed", "date")),
        ({"date": "2026-W01-1"}, ("malformed", "date")),
        ({"date": "2026-02-30"}, ("malformed", "date")),
        ({"date": "２０２６-01-01"}, ("malformed", "date")),
        ({"date": "2003-12-31"}, ("out_of_range", "date")),
        ({"date": "2100-01-01"}, ("out_of_range", "date")),
        ({"drafts": "off"}, ("unknown_value", "drafts")),
        ({"drafts": True}, ("wrong_type", "drafts")),
        ({"facts": None}, ("missing", "facts")),
        ({"facts": []}, ("wrong_type", "facts")),
        ({"facts": "code"}, ("wrong_type", "facts")),
        ({"facts": {"Code": "x"}}, ("missing", "facts.code")),
        # the first of several errors
        ({"rule": "x", "region": "x", "date": "x", "facts": None}, ("unknown_value", "rule")),
        ({"region": "x", "date": "x", "facts": None}, ("unknown_value", "region")),
        ({"date": "x", "facts": None}, ("malformed", "date")),
    ],
)
def test_requests_are_checked_in_order(change, expected):
    assert located(GOOD | change) == expected


def test_absent_and_null_are_the_same():
    for key in ("rule", "region", "date", "facts"):
        assert located({name: value for name, value in GOOD.items() if name != key}) == ("missing", key)
    assert ask(GOOD | {"drafts": None}) == ask(GOOD)
    assert ask(GOOD | {"drafts": "binding"}) == ask(GOOD)


def test_only_known_regions():
    cities = ["NJ", "WX", "XZ", "CZ", "SZ", "NT", "LYG", "HA", "YC", "YZ", "ZJ", "TZ", "SQ"]
    known = ["CN", "CN-GD", "CN-GD-SZ", "CN-HB", "CN-HB-XN", "CN-JS", *(f"CN-JS-{city}" for city in cities)]
    assert list(current_policy().regions) == known


def test_other_keys_pass_through_untouched():
    extra = {"id": "x-1", "expect": {"a": [1, None, 0.5]}, "outcome": "theirs", "汉字": "值"}
    answer = asked("uscc.check", "CN", "2026-01-01", GOOD["facts"], **extra)
    assert (answer["id"], answer["expect"], answer["汉字"]) == ("x-1", {"a": [1, None, 0.5]}, "值")
    assert answer["outcome"] == {"valid": True}
    assert "facts" not in answer
    assert "drafts" not in answer
    bad = ask(GOOD | {"facts": {}, "id": "x-2", "error": "theirs"})
    assert (bad["id"], bad["error"]["path"]) == ("x-2", "facts.code")
    assert set(bad) == {"id", "error"}


def test_a_whole_answer():
    assert asked("filing.deadline", "CN-JS", "2026-01-01", {"completed_on": "2025-12-16", "emergency": True}) == {
        "rule": "filing.deadline",
        "region": "CN-JS",
        "date": "2026-01-01",
        "regulated": True,
        "allowed": None,
        "outcome": {"deadline": "2026-01-14", "file_first": False},
        "reasons": [
            {
                "clause": "JS20-19",
                "effect": "info",
                "code": "registered_within",
                "status": "in_force",
                "message": "2025-12-16 完成采购，须在其后 20 个工作日内（至 2026-01-14）登记（依据 JS20-19）",
            }
        ],
        "parameters": [
            {
                "key": "filing.emergency_days",
                "value": 20,
                "source": "JS20-19",
                "from": "2020-05-01",
                "to": None,
                "status": "in_force",
            },
            {
                "key": "workdays.calendar",
                "value": "state_council",
                "source": "ASSUMPTION-A17",
                "from": "2004-01-01",
                "to": None,
                "status": "in_force",
            },
        ],
    }


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"nothing",
        b'{"rule": NaN}',
        b'{"a": 1, "a": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5000,
        b'{"rule": "uscc.check"} x',
        b'{"a": 1e99999999999999999999}',
    ],
)
def test_a_line_that_is_no_json(line):
    answer = ask_line(line)
    assert (answer["error"]["code"], answer["error"]["path"]) == ("malformed", "line")


@pytest.mark.parametrize("line", [b"[]", b"5", b'"x"', b"null", b"true"])
def test_a_line_that_is_no_object(line):
    answer = ask_line(line)
    assert (answer["error"]["code"], answer["error"]["path"]) == ("wrong_type", "line")


def test_a_rule_name_once_and_a_sentence_always():
    from sunlight.kernel.rule import rule

    decorate = rule("uscc.check", title="", where="", clauses=(), facts=(), outcome=())
    with pytest.raises(ValueError, match="registered twice"):
        decorate(_documented)
    with pytest.raises(ValueError, match="no sentence"):
        rule("new", title="", where="", clauses=(), facts=(), outcome=())(lambda read: None)
    assert "new" not in REGISTRY


def _documented(read):
    """有一句话。"""


class _Stdin:
    def __init__(self, content):
        self.buffer = io.BytesIO(content)


def command(monkeypatch, content, *args):
    monkeypatch.setattr(sys, "stdin", _Stdin(content))
    out = io.StringIO()
    try:
        call_command("rule", *args, stdout=out)
    except SystemExit as stopped:
        return stopped.code, out.getvalue()
    return 0, out.getvalue()


def test_one_request_on_the_command_line(monkeypatch):
    args = ("price.alert_line", "--region", "CN-GD-SZ", "--date", "2026-03-01")
    status, text = command(monkeypatch, b'{"province_prices": [], "deals": []}', *args)
    assert status == 0
    assert json.loads(text) == asked("price.alert_line", "CN-GD-SZ", "2026-03-01", {"province_prices": [], "deals": []})
    assert text.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "args", "path"),
    [
        (b"{}", ("uscc.check", "--region", "CN", "--date", "2026-01-01"), "facts.code"),
        (b"", ("uscc.check", "--region", "CN", "--date", "2026-01-01"), "facts"),
        (b"[]", ("uscc.check", "--region", "CN", "--date", "2026-01-01"), "facts"),
        (b"{}", ("uscc.check", "--date", "2026-01-01"), "region"),
        (b"{}", ("uscc.check", "--region", "CN"), "date"),
        (b"{}", ("nothing", "--region", "CN", "--date", "2026-01-01"), "rule"),
        (b"{}", ("uscc.check", "--region", "CN", "--date", "2026-01-01", "--drafts", "x"), "drafts"),
    ],
)
def test_bad_facts_end_with_status_2(monkeypatch, content, args, path):
    status, text = command(monkeypatch, content, *args)
    assert status == 2
    assert json.loads(text)["error"]["path"] == path


def test_many_requests_a_line_each(monkeypatch):
    lines = [
        b"\xef\xbb\xbf" + json.dumps(GOOD | {"id": 1}).encode(),
        b"",
        b"   ",
        b"broken",
        json.dumps(GOOD | {"id": 2, "facts": {"code": "\u2028"}}, ensure_ascii=False).encode(),
        json.dumps(GOOD | {"id": "\ud800"}).encode(),
    ]
    status, text = command(monkeypatch, b"\r\n".join(lines), "--jsonl")
    answers = [json.loads(line) for line in text.rstrip("\n").split("\n")]
    assert status == 0
    assert [answer.get("id") for answer in answers] == [1, None, 2, "\ud800"]
    assert answers[1]["error"]["path"] == "line"
    assert answers[2]["outcome"] == {"valid": False}


def test_the_real_command_needs_no_database():
    done = subprocess.run(
        [sys.executable, "manage.py", "rule", "uscc.check", "--region", "CN", "--date", "2026-01-01"],
        input=b'{"code": 5}',
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=60,
        env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "PATH": "/usr/bin:/bin", "LANG": "C"},
    )
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout)["error"]["path"] == "facts.code"


def from_anybody(request):
    request.actor, request.client = ANONYMOUS, Client()
    return request


def post(name, body, **more):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = APIRequestFactory().generic("POST", f"/api/v1/rules/{name}/", content, **more)
    response = RuleAsk.as_view()(from_anybody(request), name=name)
    return response.status_code, json.loads(response.content)


def test_a_question_over_rest():
    body = {key: GOOD[key] for key in ("region", "date", "facts")}
    assert post("uscc.check", body, content_type="application/json") == (200, ask(GOOD))
    assert post("uscc.check", body, content_type="text/plain")[0] == 200
    assert post("uscc.check", body | {"rule": "uscc.check"})[0] == 200


@pytest.mark.parametrize(
    ("name", "body", "status", "path"),
    [
        ("uscc.check", b"", 400, "body"),
        ("uscc.check", b"{", 400, "body"),
        ("uscc.check", b'{"region": NaN}', 400, "body"),
        ("uscc.check", b"[" * 100_000, 400, "body"),
        ("uscc.check", [], 422, "body"),
        ("uscc.check", "x", 422, "body"),
        ("uscc.check", {"region": "CN", "date": "2026-01-01"}, 422, "facts"),
        ("uscc.check", {"region": "CN", "date": "2026-01-01", "facts": {}}, 422, "facts.code"),
        ("uscc.check", GOOD | {"rule": "code.parse"}, 422, "rule"),
        ("nothing", GOOD | {"rule": None}, 422, "rule"),
    ],
)
def test_bad_questions_over_rest(name, body, status, path):
    code, answer = post(name, body, content_type="application/json")
    assert (code, answer["error"]["path"]) == (status, path)


def test_a_body_too_large_is_refused(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert post("uscc.check", b" " * 1001, content_type="application/json")[0] == 413


def test_rules_describe_themselves_over_rest():
    question = from_anybody(APIRequestFactory().get("/"))
    listed = json.loads(RuleList.as_view()(question).content)
    assert [rule["name"] for rule in listed] == list(RULES)
    one = json.loads(RuleAsk.as_view()(question, name="cap.check").content)
    assert one in listed
    assert one["facts"]["required"] == ["kind", "year_total", "used", "amount"]
    assert RuleAsk.as_view()(question, name="x").status_code == 422


@pytest.mark.django_db
def test_anybody_may_ask(client):
    body = {key: GOOD[key] for key in ("region", "date", "facts")}
    response = client.post("/api/v1/rules/uscc.check/", body, content_type="application/json")
    assert (response.status_code, response.json()) == (200, ask(GOOD))
    assert client.get("/api/v1/rules/").status_code == 200
    schema = client.get("/api/schema/?format=json").json()
    assert "/api/v1/rules/{name}/" in schema["paths"]


def test_the_documentation_is_current():
    written = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert written == rules_markdown(RULES, current_policy()), "run: manage.py rule --docs > docs/rules.md"


def test_the_documentation_finds_every_clause():
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    for clause in current_policy().clauses:
        assert f"| {clause} |" in text


def test_every_field_is_checked_before_regulation():
    facts = {"province_prices": "x", "deals": []}
    assert error("price.alert_line", "CN-HB", "2004-01-01", facts) == ("wrong_type", "facts.province_prices")
