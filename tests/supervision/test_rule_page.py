"""规则试算: every rule by its form, faults at their fields, the same facts under two laws."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sunlight import scope
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.rules import RULES
from sunlight.scope import Role
from sunlight.scope.session import opened
from supervision.queries import trials
from tests.api_client import logged_in


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def browser(world):
    return logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))


BARGAIN = {
    "region": "CN-GD-SZ",
    "date": "2025-06-02",
    "f.offer": "820.00",
    "f.alert_line": "798.50",
    "f.winner_in_cycle": "false",
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_answers_its_own_example(name):
    """What the example says in JSON and what its form sends come to the same decision."""
    rule, examples = RULES[name], trials.examples_of(RULES[name])
    assert examples
    for number, example in enumerate(examples):
        asked = trials.ask(rule, trials.example_typed(rule, number))
        assert asked.errors == {}
        direct = trials.rulebook.decide(
            {"rule": name, "region": example["region"], "date": example["date"], "facts": example["facts"]},
            scope.policy(),
            RULES,
        )
        assert asked.trials[0].answer == direct.to_dict()
        assert asked.trials[0].answer["regulated"]


def test_the_list_names_every_rule_by_app(browser):
    page = text(browser.get("/supervision/rules/"))
    for rule in RULES.values():
        assert rule.title in page and f"/supervision/rules/{rule.name}/" in page
    assert "议价与采购" in page and "结算" in page


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_an_offer_above_the_line_is_refused_with_its_clause_and_leaves_nothing(world, browser):
    answer = browser.post("/supervision/rules/bargain.decide/", BARGAIN)
    assert answer.status_code == 200
    page = text(answer)
    assert "不允许" in page and "SZ24-3.3c" in page and "798.50" in page
    assert 'value="820.00"' in page
    with opened(world.system):
        assert not Decision.objects.exists() and not Refusal.objects.exists()
        assert not Event.objects.filter(subject_type="offer").exists()


def test_the_same_facts_under_two_laws_stand_side_by_side(browser):
    """No-reference purchases: capped at 15 % in Shenzhen until the end of 2024, not afterwards."""
    typed = {
        "region": "CN-GD-SZ",
        "date": "2024-12-31",
        "date_2": "2025-01-01",
        "f.kind": "no_reference",
        "f.year_total": "1,000,000.00",
        "f.used": "140000.00",
        "f.amount": "10000.01",
    }
    asked = trials.ask(RULES["cap.check"], typed)
    assert [t.answer["allowed"] for t in asked.trials] == [False, None]
    assert [t.answer["regulated"] for t in asked.trials] == [True, False]
    verdict = asked.differences[0]
    assert verdict == {"label": "是否允许", "first": "不允许", "second": "当地当日无规定", "differs": True}
    page = text(browser.post("/supervision/rules/cap.check/", typed))
    assert page.count("data-trial") == 2 and "不同" in page


def test_bounds_that_add_up_are_all_compared():
    asked = trials.ask(RULES["bargain.decide"], trials.example_typed(RULES["bargain.decide"], 0))
    ceilings = next(line for line in asked.differences if line["label"] == "参数：报价上限")
    assert ceilings["first"] == [[["价格预警线"]], [["本机构最新采购价"]]] and ceilings["differs"]


def test_lines_that_agree_are_not_marked():
    typed = {"region": "CN-GD-SZ", "date": "2026-03-02", "date_2": "2026-03-03", "f.code": "12440300D0EA00001T"}
    asked = trials.ask(RULES["uscc.check"], typed)
    assert asked.differences and not any(line["differs"] for line in asked.differences)


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        ({"f.offer": ""}, "f.offer", "请填写“报价”"),
        ({"f.offer": "12,5"}, "", ""),
        ({"f.offer": "一百"}, "f.offer", "价格须为"),
        ({"f.offer": "1.23456"}, "f.offer", "4 位小数"),
        ({"f.winner_in_cycle": ""}, "f.winner_in_cycle", "请填写"),
        ({"f.winner_in_cycle": "maybe"}, "f.winner_in_cycle", "请填“是”或“否”"),
        ({"f.winner_in_cycle": "true"}, "f.agreed", ""),
        ({"f.history_prices": "10.00\nabc"}, "f.history_prices", "第 2 行"),
        ({"region": "CN-XX"}, "region", "请选择地区"),
        ({"date": "2025-02-30"}, "date", "没有 2025-02-30 这一天"),
        ({"date": ""}, "date", "请填写日期"),
        ({"date_2": "x"}, "date_2", "日期须为"),
        ({"region_2": "CN-XX"}, "region_2", "请选择地区"),
    ],
)
def test_a_fault_stands_at_its_field(browser, change, where, said):
    asked = trials.ask(RULES["bargain.decide"], BARGAIN | change)
    if not where:
        assert asked.errors == {}
        return
    assert list(asked.errors) == [where] and said in asked.errors[where]
    assert asked.trials == []
    answer = browser.post("/supervision/rules/bargain.decide/", BARGAIN | change)
    assert answer.status_code == 422 and asked.errors[where] in answer.content.decode().replace("&quot;", '"')


def test_rows_pasted_from_a_spreadsheet():
    typed = {
        "region": "CN-GD-SZ",
        "date": "2026-03-02",
        "f.province_prices": "320000\t1,820.00\t2025/06/01\t\n\n330000\t１798.50\t2025-03-01\t",
        "f.deals": "1860.00\t20\t是\t2025-09-15",
    }
    asked = trials.ask(RULES["price.alert_line"], typed)
    assert asked.errors == {}
    assert asked.trials[0].answer["outcome"]["line"] == "1798.5000"
    wrong = trials.ask(RULES["price.alert_line"], typed | {"f.deals": "1\t2\t3\t4\t5\t6"})
    assert wrong.errors == {"f.deals": "第 1 行有 6 列，应为 4 列"}
    empty = trials.ask(RULES["price.alert_line"], typed | {"f.deals": "1860.00\t0\t是\t2025-09-15"})
    assert empty.errors == {"f.deals": "第 1 行“数量”：数量必须大于 0"}
    many = trials.ask(RULES["price.alert_line"], typed | {"f.deals": "1\n" * 2001})
    assert "最多 2000 行" in many.errors["f.deals"]


@pytest.mark.parametrize("text_", ["NaN", "1e999999999", "٣", "1" * 5000, "\x00", "-1"])
def test_what_only_looks_like_a_number_is_refused(text_):
    typed = {"region": "CN-GD-SZ", "date": "2026-03-02", "f.start": "2026-03-02", "f.days": text_}
    asked = trials.ask(RULES["deadline.working_days"], typed)
    assert bool(asked.errors) == (text_ != "-1")
    priced = trials.ask(RULES["bargain.decide"], BARGAIN | {"f.offer": text_})
    assert "f.offer" in priced.errors


def test_an_example_fills_the_form(browser):
    page = text(browser.get("/supervision/rules/bargain.decide/", {"example": "0"}))
    assert 'value="820.00"' in page and 'value="2024-06-03"' in page
    assert browser.get("/supervision/rules/bargain.decide/", {"example": "99"}).status_code == 404
    assert browser.get("/supervision/rules/no.such/").status_code == 404


@pytest.mark.parametrize(
    ("key", "role"),
    [("maker", Role.SUPPLIER_LISTER), ("operator", Role.OPERATOR_SUPPORT), ("regulator", Role.REGULATOR_OFFICER)],
)
def test_every_role_may_try(world, key, role):
    assert "不允许" in text(logged_in(world.actor(key, role)).post("/supervision/rules/bargain.decide/", BARGAIN))


@pytest.mark.clause("SZ20-5.3.2b", on="rule")
def test_acts_clauses_and_parameters_are_open_to_everybody(client, db):
    acts = text(client.get("/supervision/acts/"))
    assert "/supervision/acts/SZ24/" in acts and "征求意见稿" in acts
    found = text(client.get("/supervision/acts/", {"q": "预警线"}))
    assert "SZ24-3.3c" in found and "/supervision/rules/price.alert_line/" in found
    act = text(client.get("/supervision/acts/SZ20/", {"q": "15%"}))
    assert "SZ20-5.2.1d" in act and "SZ20-5.2.3" not in act
    assert "没有找到" in text(client.get("/supervision/acts/SZ20/", {"q": "无此词语"}))
    assert client.get("/supervision/acts/NO-SUCH/").status_code == 404


def test_what_holds_follows_the_day_and_the_region(client, db):
    def cap(on, region="CN-GD-SZ"):
        answer = client.get("/supervision/parameters/", {"region": region, "date": on})
        return {(row["parameter"].key, row["value"].clause) for row in answer.context["rows"]}

    before, after = cap("2024-12-31"), cap("2025-01-01")
    assert any(clause == "SZ20-5.2.1d" for _, clause in before)
    assert not any(clause == "SZ20-5.2.1d" for _, clause in after)
    assert not any(clause.startswith("SZ") for _, clause in cap("2025-01-01", "CN-JS"))
    wrong = client.get("/supervision/parameters/", {"region": "x", "date": "2025-13-01"})
    assert wrong.status_code == 422 and "请选择地区" in text(wrong) and "没有 2025-13-01 这一天" in text(wrong)


def test_the_pages_of_the_law_read_no_table(client, db):
    for where in ("/supervision/acts/", "/supervision/parameters/"):
        with CaptureQueriesContext(connection) as ran:
            client.get(where)
        assert not [q for q in ran if 'from "' in q["sql"].lower()]
