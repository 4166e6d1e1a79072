"""A record judged again says what the rule service says: ten thousand drawn by chance, under two drafts at once."""

import random
from datetime import date, timedelta
from decimal import Decimal

from sunlight import acts
from sunlight.kernel import rulebook
from sunlight.kernel.rule import Effect
from sunlight.rules import RULES
from supervision.rules.what_if.amending import amended
from supervision.rules.what_if.edits import ACT, END, VALUE, Head, amendment_of
from supervision.rules.what_if.judging import Changed, Judge, Kind, Record, permitted
from supervision.rules.what_if.laws import Remembering, Side

HEAD = Head("SZ27", "试行通知", "深圳市医疗保障局", "CN-GD-SZ", "in_force")
LISTED = {"kind": VALUE, "key": "bargain.bounds", "region": "CN-GD-SZ", "from": "2025-02-01", "summary": "挂网价"}
LISTED |= {"value": {"prices": ["listed"], "code": "above_listed"}, "replaces": []}
DAYS = {"kind": VALUE, "key": "settlement.payment_days", "region": "CN-GD-SZ", "from": "2025-03-01", "summary": "20"}
DRAFTS = (
    [LISTED, DAYS | {"value": 20}],
    [
        {
            "kind": END,
            "key": "bargain.bounds",
            "clause": "SZ24-3.3c",
            "region": "CN-GD-SZ",
            "to": "2025-06-30",
            "summary": "止",
        },
        {"kind": ACT, "act": "SZ24", "effective": "2025-02-01", "summary": ""},
    ],
)


def drawn(count: int):
    """Requests to the rule service, as trades keep them."""
    chance = random.Random(11)
    for _ in range(count):
        on = date(2024, 12, 1) + timedelta(days=chance.randrange(500))
        region = chance.choice(["CN-GD-SZ", "CN-GD-SZ", "CN-GD", "CN-JS-NJ", "CN-HB"])
        drafts = chance.choice(["binding", "warn"])
        if chance.random() < 0.2:
            facts = {"accepted_on": on.isoformat()}
            yield {"rule": "payment.due", "region": region, "date": on.isoformat(), "drafts": drafts, "facts": facts}
            continue
        prices = {
            name: chance.choice([None, f"{chance.randint(50, 150)}.0000"])
            for name in ("reference", "alert_line", "own_latest")
        }
        facts = prices | {"offer": f"{chance.randint(50, 150)}.0000", "listed": f"{chance.randint(60, 150)}.0000"}
        facts |= {"winner_in_cycle": False, "history_prices": [], "buyer_is_public": True}
        yield {"rule": "bargain.decide", "region": region, "date": on.isoformat(), "drafts": drafts, "facts": facts}


def test_ten_thousand_records_are_judged_as_the_rule_judges_them():
    base = acts.current_policy()
    policies = [amended(acts.documents(), amendment_of(HEAD, edits, base)).policy() for edits in DRAFTS]
    judge = Judge(RULES, Side(Remembering(base)), tuple(Side(Remembering(each)) for each in policies))
    found = dict.fromkeys(Kind, 0)
    for number, request in enumerate(drawn(10_000)):
        stood = rulebook.decide(request, base, RULES)
        record = Record(
            number,
            False,
            "payable" if request["rule"] == "payment.due" else "order_line",
            number,
            request["rule"],
            request["region"],
            stood.law.on,
            request["drafts"],
            request["facts"],
            stood.regulated,
            stood.allowed,
            quantity=Decimal(1),
        )
        for answer, policy in zip(judge.judge(record), policies, strict=True):
            now = rulebook.decide(request, policy, RULES)
            kinds = set(answer.kinds) if isinstance(answer, Changed) else set()
            for kind in kinds:
                found[kind] += 1
            assert kinds == expected(stood, now), request
    assert all(found[kind] > 20 for kind in (Kind.REFUSED, Kind.FREED, Kind.CALMED, Kind.EARLIER)), found


def expected(stood, now) -> set[Kind]:
    """What the two answers of the rule service amount to, said once more by other means."""
    if stood.rule.name == "payment.due":
        one, two = ((each.outcome or {}).get("due_on") or date.max for each in (stood, now))
        return {Kind.EARLIER} if two < one else {Kind.LATER} if two > one else set()
    if permitted(stood) != permitted(now):
        return {Kind.FREED if permitted(now) else Kind.REFUSED}
    warns = [any(r.effect is Effect.WARN for r in each.reasons) for each in (stood, now)]
    if not permitted(now) or warns[0] == warns[1]:
        return set()
    return {Kind.WARNED if warns[1] else Kind.CALMED}


def test_what_another_rule_refused_too_is_not_freed():
    base = acts.current_policy()
    other = amended(acts.documents(), amendment_of(HEAD, DRAFTS[1][:1], base)).policy()
    judge = Judge(RULES, Side(Remembering(base)), (Side(Remembering(other)),))
    facts = {"offer": "110.0000", "alert_line": "100.0000", "listed": "120.0000", "winner_in_cycle": False}
    facts |= {"history_prices": [], "buyer_is_public": True}
    for besides, kinds in ((False, (Kind.FREED,)), (True, None)):
        record = Record(
            1, True, "price_group", 1, "bargain.decide", "CN-GD-SZ", date(2025, 9, 1), "binding", facts, True, False
        )
        record.refused_besides = besides
        (answer,) = judge.judge(record)
        assert (answer.kinds if answer else None) == kinds
