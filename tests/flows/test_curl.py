"""The trade by curl alone, and what the real server answers to bad input."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest

from tests import databases


def test_the_script_of_the_documentation_trades_from_workbook_to_payment(site):
    done = subprocess.run(
        ["bash", "docs/api/trade.sh", site], cwd=databases.ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"付款 \d{20}：15,?000\.00 元，.+", last), last


def ask(site, method: str, path: str, body, token: str = "buying1", **headers):
    """Status and answer of a request; `body` as JSON, or as it is where it is text."""
    data = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    request = urllib.request.Request(
        f"{site}/api/v1/{path}",
        data,
        method=method,
        headers={"Authorization": f"Bearer sun_demo_{token}", "Content-Type": "application/json"} | headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def fresh(site) -> list[dict]:
    """Bodies that would be taken: offers at the alert line for products the hospital has not bargained for yet."""
    rows = ask(site, "GET", "products/?limit=100", None)[1]["results"]
    return [
        {"price_group": row["id"], "price": row["alert_line"], "quantity": "10"}
        for row in rows
        if row["alert_line"] and not row["agreement"] and not row["open_offer"]
    ]


@pytest.fixture
def good(fresh):
    return fresh[0]


def offers_of(site) -> int:
    return len(ask(site, "GET", "offers/?limit=100", None)[1]["results"])


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"price": "NaN"}, 422, "malformed", "price"),
        ({"price": "-1"}, 422, "malformed", "price"),
        ({"price": "0"}, 422, "zero", "price"),
        ({"price": "1.00001"}, 422, "too_many_decimals", "price"),
        ({"price": "1000000000000000"}, 422, "too_large", "price"),
        ({"price": 1.5}, 422, "invalid", "price"),
        ({"price": "99999"}, 422, "above_alert_line", "price"),
        ({"quantity": "0"}, 422, "zero", "quantity"),
        ({"quantity": "0.0001"}, 422, "too_many_decimals", "quantity"),
        ({"price_group": "x"}, 422, "invalid", "price_group"),
        ({"price_group": 999999}, 404, "not_found", None),
        ({"colour": "red"}, 422, "invalid", "colour"),
    ],
)
def test_a_bad_offer_is_refused_with_its_field_and_leaves_nothing(site, good, change, status, code, field):
    before = offers_of(site)
    answered, problem = ask(site, "POST", "offers/", good | change)
    assert (answered, problem["status"], problem["code"], problem.get("field")) == (status, status, code, field)
    assert problem["type"] == f"/problems/{code}"
    assert re.search("[\u4e00-\u9fff]", problem["detail"])
    assert offers_of(site) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("nothing", 400, "parse_error"),
        ('{"price": NaN}', 400, "parse_error"),
        ("[]", 422, "invalid"),
        ('"x"', 422, "invalid"),
        ("{}", 422, "missing"),
    ],
)
def test_a_body_of_the_wrong_type_is_refused(site, body, status, code):
    before = offers_of(site)
    answered, problem = ask(site, "POST", "offers/", body)
    assert (answered, problem["code"]) == (status, code)
    assert "non_field_errors" not in problem["detail"]
    assert offers_of(site) == before


def test_a_stranger_finds_nothing_and_may_do_nothing(site, good):
    theirs = [
        row["id"]
        for row in ask(site, "GET", "offers/?limit=100", None, token="maker1")[1]["results"]
        if row["buyer"]["name"] == "示范市第二人民医院"
    ]
    for method, path, body in (("GET", "", None), ("POST", "withdraw/", {})):
        answered, problem = ask(site, method, f"offers/{theirs[0]}/{path}", body)
        assert (answered, problem["code"]) == (404, "not_found")
    assert ask(site, "POST", "offers/", good, token="nobody")[1]["code"] == "authentication_failed"
    assert ask(site, "POST", "offers/", good, token="maker1")[1]["code"] == "permission_denied"


def test_the_same_post_twice_makes_one_offer(site, fresh):
    good = fresh[1]  # no other test's
    before = offers_of(site)
    first = ask(site, "POST", "offers/", good, **{"Idempotency-Key": "twice"})
    again = ask(site, "POST", "offers/", good, **{"Idempotency-Key": "twice"})
    assert first[0] == 201
    assert again == first
    changed = ask(site, "POST", "offers/", good | {"quantity": "11"}, **{"Idempotency-Key": "twice"})
    assert (changed[0], changed[1]["code"]) == (422, "idempotency_key_reused")
    without = ask(site, "POST", "offers/", good)
    assert (without[0], without[1]["code"]) == (409, "offer_already_open")
    assert offers_of(site) == before + 1
