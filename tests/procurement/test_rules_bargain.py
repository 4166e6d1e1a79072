import json
from datetime import date
from decimal import Decimal

import pytest

from procurement.bargaining.rules.bargain import bargain_decide
from sunlight.acts import current_policy
from tests.asking import ask, broken, error, regulated

SZ, GD, JS = "CN-GD-SZ", "CN-GD", "CN-JS"
REFUSED = {"basis": None, "on_silence": None, "answer_working_days": None}


def facts(offer, **more):
    return {"offer": offer, "winner_in_cycle": False, "history_prices": []} | more


def without_bounds(answer):
    """The outcome without the bounds, which have tests of their own."""
    return {key: value for key, value in answer["outcome"].items() if key not in ("bounds", "warned")}


def bounds(answer):
    return [(bound["name"], bound["price"], bound["clause"]) for bound in answer["outcome"]["bounds"]]


def ceiling(region, on, **more):
    return ask("bargain.ceiling", region, on, {"winner_in_cycle": False} | more)


def warned(answer):
    return [reason["clause"] for reason in answer["reasons"] if reason["effect"] == "warn"]


def bargain(region, on, offer, *, drafts=None, **more):
    return ask("bargain.decide", region, on, facts(offer, **more), drafts=drafts)


@pytest.mark.clause("SZ20-5.2.1c", on="rule")
def test_shenzhen_2024_bounds_by_reference_and_own_price():
    answer = bargain(SZ, "2024-12-31", "10.01", reference="10", own_latest="9.5", listed="1", alert_line="1")
    assert answer["allowed"] is False
    assert broken(answer) == ["SZ20-5.2.1c"]
    assert without_bounds(answer) == {"ceiling": "9.5000", "required": None} | REFUSED
    message = answer["reasons"][0]["message"]
    assert "10.01" in message
    assert "挂网参考价 10.00 元、本机构最新采购价 9.50 元" in message
    assert "征求意见稿" not in message
    assert bargain(SZ, "2024-12-31", "9.5", reference="10", own_latest="9.5")["allowed"] is True


@pytest.mark.clause("SZ20-5.2.1c", on="rule")
def test_without_a_reference_price_nothing_bounds_before_2025():
    answer = bargain(SZ, "2024-12-31", "99", own_latest="1", listed="1", alert_line="1")
    assert answer["allowed"] is True
    assert answer["outcome"]["ceiling"] is None
    assert answer["outcome"]["on_silence"] == "withdraw"


@pytest.mark.clause("SZ24-3.3c", "SZ24-3.4c", "SZ24-3.10", on="rule")
def test_the_draft_binds_from_its_first_day():
    before = bargain(SZ, "2024-12-31", "11", alert_line="10", own_latest="9")
    assert (before["allowed"], broken(before)) == (True, [])
    after = bargain(SZ, "2025-01-01", "11", alert_line="10", own_latest="9", reference="1", listed="1")
    assert broken(after) == ["SZ24-3.3c", "SZ24-3.4c"]
    assert after["outcome"]["ceiling"] == "9.0000"
    for reason in after["reasons"]:
        assert reason["status"] == "draft"
        assert "征求意见稿（演示加载）" in reason["message"]
        assert "不高于 9.00 元" in reason["message"]  # one way out, not one for each bound
    assert [reason["code"] for reason in after["reasons"]] == ["above_alert_line", "above_own_latest"]


@pytest.mark.clause("SZ24-3.3c", on="rule")
def test_drafts_may_only_warn():
    answer = bargain(SZ, "2025-06-01", "11", alert_line="10", drafts="warn")
    assert answer["allowed"] is True
    assert (warned(answer), bounds(answer)) == (["SZ24-3.3c"], [])
    assert [(each["name"], each["price"]) for each in answer["outcome"]["warned"]] == [("alert_line", "10.0000")]
    assert "仅提示" in answer["reasons"][0]["message"]
    assert without_bounds(answer) == {
        "ceiling": None,
        "required": None,
        "basis": None,
        "on_silence": "withdraw",
        "answer_working_days": 5,
    }


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_law_refuses_beside_a_warning_draft():
    answer = bargain(SZ, "2025-12-01", "11", alert_line="10", listed="10.5", drafts="warn")
    assert answer["allowed"] is False
    assert broken(answer) == ["GD25-2.2a"]
    assert answer["outcome"]["on_silence"] is None


@pytest.mark.clause("GD25-2.2a", on="rule")
def test_the_listed_price_binds_guangdong_from_its_first_to_its_last_day():
    assert regulated("bargain.decide", GD, "2025-11-30", facts("11", listed="10")) is False
    assert broken(bargain(SZ, "2025-11-30", "11", listed="10")) == []
    for region in (GD, SZ):
        for on in ("2025-12-01", "2030-11-30"):
            answer = bargain(region, on, "10.0001", listed="10")
            assert (answer["allowed"], broken(answer)) == (False, ["GD25-2.2a"])
            assert bargain(region, on, "10.0000", listed="10")["allowed"] is True


@pytest.mark.clause("GD25-2.2a", "SZ20-5.2.1c", on="rule")
def test_nothing_revives_when_guangdongs_act_ends():
    assert regulated("bargain.decide", GD, "2030-12-01", facts("11", listed="10")) is False
    answer = bargain(SZ, "2030-12-01", "11", listed="10", reference="1", alert_line="10.5")
    assert broken(answer) == ["SZ24-3.3c"]


@pytest.mark.clause("SZ20-5.1.2", on="rule")
def test_shenzhen_begins_with_its_platform():
    assert regulated("bargain.decide", SZ, "2020-06-30", facts("1")) is False
    assert regulated("bargain.decide", SZ, "2020-07-01", facts("1")) is True


def test_elsewhere_no_text_has_this_rule():
    assert regulated("bargain.decide", "CN", "2026-01-01", facts("1")) is False


@pytest.mark.clause("HB20-5.2", on="rule")
@pytest.mark.parametrize("region", ["CN-HB", "CN-HB-XN"])
def test_hubei_bounds_no_price_and_says_so(region):
    assert regulated("bargain.decide", region, "2020-06-17", facts("1")) is False
    answer = bargain(region, "2020-06-18", "99999", listed="1", own_latest="1", alert_line="1", reference="1")
    assert (answer["allowed"], bounds(answer)) == (True, [])
    assert without_bounds(answer) == {
        "ceiling": None,
        "required": None,
        "basis": None,
        "on_silence": "withdraw",
        "answer_working_days": 5,
    }
    (reason,) = answer["reasons"]
    assert (reason["clause"], reason["effect"], reason["code"]) == ("HB20-5.2", "info", "no_bound")
    assert "未规定报价上限，报价 99,999.00 元允许" in reason["message"]


def test_every_verdict_says_what_was_compared_with_what():
    equal = bargain(SZ, "2026-01-01", "100", alert_line="100", listed="120")
    assert [(r["clause"], r["effect"], r["code"]) for r in equal["reasons"]] == [
        ("SZ24-3.3c", "info", "within_bound"),
        ("GD25-2.2a", "info", "within_bound"),
    ]
    said = [reason["message"] for reason in equal["reasons"]]
    assert "报价 100.00 元不高于价格预警线 100.00 元（等于上限，允许）" in said[0]
    assert "报价 100.00 元不高于挂网价 120.00 元" in said[1] and "等于上限" not in said[1]
    nothing = bargain(SZ, "2023-01-01", "100")
    assert [(r["clause"], r["code"]) for r in nothing["reasons"]] == [("SZ20-5.2.1c", "no_bound_today")]
    assert "当日没有挂网参考价、本机构最新采购价可比" in nothing["reasons"][0]["message"]
    winner = bargain(JS, "2026-01-01", "10", winner_in_cycle=True, agreed="10")
    assert [(r["clause"], r["code"]) for r in winner["reasons"]] == [("JS20-25", "at_award_price")]


@pytest.mark.parametrize(
    ("region", "on", "clause"),
    [
        pytest.param(SZ, "2020-07-01", "SZ20-5.2.3", marks=pytest.mark.clause("SZ20-5.2.3", on="rule")),
        (SZ, "2025-06-01", "SZ20-5.2.3"),
        (SZ, "2026-06-01", "SZ20-5.2.3"),
        (SZ, "2031-06-01", "SZ20-5.2.3"),
        pytest.param(GD, "2026-06-01", "GD25-2.1", marks=pytest.mark.clause("GD25-2.1", on="rule")),
        pytest.param("CN-HB", "2020-06-18", "HB20-3a", marks=pytest.mark.clause("HB20-3a", on="rule")),
        pytest.param(JS, "2026-06-01", "JS20-25", marks=pytest.mark.clause("JS20-25", on="rule")),
        ("CN-JS-NT", "2020-05-01", "JS20-25"),
    ],
)
@pytest.mark.parametrize("offer", ["9.9999", "10.0001"])
def test_a_winner_is_bought_at_the_award_price_only(region, on, clause, offer):
    low = {"listed": "1", "reference": "1", "alert_line": "1", "own_latest": "1", "winner_in_cycle": True}
    answer = bargain(region, on, offer, agreed="10", **low)
    assert (answer["allowed"], broken(answer)) == (False, [clause])
    assert without_bounds(answer) == {"ceiling": None, "required": "10.0000"} | REFUSED
    assert "中选价 10.00 元" in answer["reasons"][0]["message"]
    kept = bargain(region, on, "10.0000", agreed="10", **low)
    assert (kept["allowed"], broken(kept)) == (True, [])
    assert without_bounds(kept) == {"ceiling": None, "required": "10.0000"} | REFUSED


def test_a_winner_needs_its_award_price_before_anything_else():
    for region in (SZ, "CN"):
        assert error("bargain.decide", region, "2026-01-01", facts("1", winner_in_cycle=True)) == (
            "missing",
            "facts.agreed",
        )
    assert regulated("bargain.decide", "CN", "2026-01-01", facts("1", winner_in_cycle=True, agreed="1")) is False


@pytest.mark.clause("JS20-11", on="rule")
def test_jiangsu_bargains_at_or_below_the_listed_price():
    answer = bargain(JS, "2020-05-01", "10.0001", listed="10", alert_line="1", own_latest="1", reference="1")
    assert (answer["allowed"], broken(answer)) == (False, ["JS20-11"])
    assert without_bounds(answer) == {"ceiling": "10.0000", "required": None} | REFUSED
    assert regulated("bargain.decide", JS, "2020-04-30", facts("1")) is False


@pytest.mark.clause("JS20-11A", "JS20-11B", "JS20-11C", "JS20-41", on="rule")
@pytest.mark.parametrize(
    ("offer", "basis", "silence", "days"),
    [
        ("10.00", "listed", "auto_confirm", None),  # also a history price: A comes before B
        ("9.5", "history", "link_price", 5),
        ("9.5001", "other", "withdraw", 10),
    ],
)
@pytest.mark.parametrize("region", [JS, "CN-JS-SQ"])
def test_what_silence_does_in_jiangsu(region, offer, basis, silence, days):
    answer = bargain(region, "2026-01-01", offer, listed="10", history_prices=["9.5000", "10", "8"])
    assert answer["allowed"] is True
    assert without_bounds(answer) == {
        "ceiling": "10.0000",
        "required": None,
        "basis": basis,
        "on_silence": silence,
        "answer_working_days": days,
    }


@pytest.mark.clause("JS20-11", on="rule")
def test_an_absent_listed_price_sets_no_bound():
    answer = bargain(JS, "2026-01-01", "9.5", history_prices=["9.5"])
    assert (answer["outcome"]["ceiling"], answer["outcome"]["basis"]) == (None, "history")
    assert bargain(JS, "2026-01-01", "9.5", listed=None)["outcome"]["basis"] == "other"


def test_outside_jiangsu_silence_never_confirms():
    for region, on in ((SZ, "2023-01-01"), (SZ, "2026-01-01"), (GD, "2026-01-01")):
        answer = bargain(region, on, "10", listed="10", history_prices=["10"])
        assert (answer["outcome"]["basis"], answer["outcome"]["on_silence"]) == (None, "withdraw")
        assert answer["outcome"]["answer_working_days"] == 5
        assert "ASSUMPTION-A14" in [parameter["source"] for parameter in answer["parameters"]]


def test_comparisons_are_numbers_not_text():
    assert bargain(SZ, "2026-01-01", "10", listed="9.9999")["allowed"] is False
    assert bargain(SZ, "2026-01-01", "0009.99990"[:-1], listed="9.9999")["allowed"] is True
    assert bargain(SZ, "2026-01-01", "0", listed="0")["allowed"] is True
    assert bargain(SZ, "2026-01-01", "0.0001", listed="0")["allowed"] is False


@pytest.mark.clause("SZ24-3.3c", "SZ24-3.4c", "GD25-2.2a", on="rule")
def test_the_bounds_of_the_day_are_answered_with_their_clauses_the_lowest_first():
    prices = {"listed": "12", "alert_line": "10", "own_latest": "11", "reference": "1"}
    lowest_first = [
        ("alert_line", "10.0000", "SZ24-3.3c"),
        ("own_latest", "11.0000", "SZ24-3.4c"),
        ("listed", "12.0000", "GD25-2.2a"),
    ]
    for answer in (bargain(SZ, "2026-01-01", "9", **prices), bargain(SZ, "2026-01-01", "99", **prices)):
        assert bounds(answer) == lowest_first
    asked = ceiling(SZ, "2026-01-01", **prices)
    assert (asked["allowed"], bounds(asked), asked["outcome"]["ceiling"]) == (True, lowest_first, "10.0000")
    assert bounds(ceiling(SZ, "2025-11-30", **prices)) == lowest_first[:2]
    assert bounds(ceiling(SZ, "2024-12-31", **prices)) == [
        ("reference", "1.0000", "SZ20-5.2.1c"),
        ("own_latest", "11.0000", "SZ20-5.2.1c"),
    ]
    assert bounds(ceiling(SZ, "2024-12-31", own_latest="11")) == []
    assert regulated("bargain.ceiling", SZ, "2020-06-30", {"winner_in_cycle": False}) is False


@pytest.mark.clause("SZ20-5.2.3", on="rule")
def test_before_a_price_is_named_a_winner_has_its_award_price():
    asked = ceiling(SZ, "2026-01-01", winner_in_cycle=True, agreed="10", alert_line="1")
    assert (asked["allowed"], asked["outcome"]["required"], bounds(asked)) == (True, "10.0000", [])
    facts_ = {"winner_in_cycle": True}
    assert error("bargain.ceiling", SZ, "2026-01-01", facts_) == ("missing", "facts.agreed")


@pytest.mark.clause("ASSUMPTION-A19", on="rule")
def test_a_voluntary_participant_is_told_that_the_bounds_bind_it_too():
    answer = bargain(SZ, "2026-01-01", "11", alert_line="10", buyer_is_public=False)
    assert [(r["clause"], r["effect"]) for r in answer["reasons"]] == [
        ("SZ24-3.3c", "refuse"),
        ("ASSUMPTION-A19", "info"),
    ]
    public = bargain(SZ, "2026-01-01", "9", alert_line="10", buyer_is_public=True)
    assert [reason["clause"] for reason in public["reasons"]] == ["SZ24-3.3c"]
    unregulated = ask("bargain.decide", "CN", "2026-01-01", facts("1", buyer_is_public=False))
    assert (unregulated["regulated"], unregulated["reasons"]) == (False, [])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"offer": None}, ("missing", "facts.offer")),
        ({"offer": 10}, ("wrong_type", "facts.offer")),
        ({"offer": "NaN"}, ("malformed", "facts.offer")),
        ({"offer": "-1"}, ("malformed", "facts.offer")),
        ({"offer": "1.00001"}, ("malformed", "facts.offer")),
        ({"offer": "1" * 13}, ("malformed", "facts.offer")),
        ({"offer": "1e3"}, ("malformed", "facts.offer")),
        ({"offer": " 1"}, ("malformed", "facts.offer")),
        ({"offer": "1\n"}, ("malformed", "facts.offer")),
        ({"offer": "１"}, ("malformed", "facts.offer")),
        ({"listed": "x"}, ("malformed", "facts.listed")),
        ({"alert_line": ""}, ("malformed", "facts.alert_line")),
        ({"winner_in_cycle": None}, ("missing", "facts.winner_in_cycle")),
        ({"winner_in_cycle": 0}, ("wrong_type", "facts.winner_in_cycle")),
        ({"winner_in_cycle": "false"}, ("wrong_type", "facts.winner_in_cycle")),
        ({"agreed": 1}, ("wrong_type", "facts.agreed")),
        ({"history_prices": None}, ("missing", "facts.history_prices")),
        ({"history_prices": "1"}, ("wrong_type", "facts.history_prices")),
        ({"history_prices": ["1", None]}, ("missing", "facts.history_prices[1]")),
        ({"history_prices": ["1", 2]}, ("wrong_type", "facts.history_prices[1]")),
        ({"buyer_is_public": 1}, ("wrong_type", "facts.buyer_is_public")),
        ({"cleared": 2}, ("wrong_type", "facts.cleared")),
        ({"colour": "red"}, ("unknown_key", "facts.colour")),
    ],
)
def test_bad_facts_are_located(change, expected):
    assert error("bargain.decide", SZ, "2026-01-01", facts("1") | change) == expected


def test_a_service_gets_typed_values_and_a_record_that_can_be_asked_again():
    law = current_policy().law(region=SZ, on=date(2026, 1, 1))
    decision = bargain_decide(
        law, offer=Decimal("11"), listed=Decimal("10"), winner_in_cycle=False, history_prices=(Decimal("9.5"),)
    )
    assert decision.refused
    assert decision.outcome["ceiling"] == Decimal("10")
    assert "挂网价 10.00 元" in decision.message
    record = json.loads(json.dumps(decision.record()))
    assert record["facts"]["history_prices"] == ["9.5000"]
    again = ask(record["rule"], record["region"], record["date"], record["facts"], drafts=record["drafts"])
    assert again == {key: record[key] for key in again}
    with pytest.raises(TypeError, match="needs offer"):
        bargain_decide(law, winner_in_cycle=False, history_prices=())
    with pytest.raises(TypeError, match="knows no price"):
        bargain_decide(law, offer=Decimal(1), winner_in_cycle=False, history_prices=(), price=1)
