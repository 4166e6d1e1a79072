"""The facts of a decision are built once, and each of them counts: where one is left out, or the drafts switch is, the
answer to an offer, a sheet's line, an order's line and the order's trial is another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from procurement.bargaining.queries import beyond
from procurement.bargaining.queries import sheets as sheet_queries
from procurement.bargaining.services import judgement, sheets
from procurement.bargaining.services import offers as bargaining
from procurement.bargaining.services.sheet_verdicts import sheet_lines
from procurement.contracts.models import PriceAgreement
from procurement.ordering.services import placing
from sunlight import scope
from sunlight.journal.models import Decision, Refusal
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import deal, priced
from tests.factories.procurement import agreed, reviewed
from tests.procurement.bargaining import act, shanghai
from tests.regional import elsewhere

SINCE = date(2019, 1, 1)
QUANTITY = "100"


@dataclass
class Case:
    """A price put to the law: an agreement over it stands already, so that an order can meet it too."""

    world: object
    listing: object
    price: str
    at: object
    key: str = "hospital"
    drafts: str = "binding"

    @property
    def buyer(self):
        return replace(self.world.actor(self.key, Role.HOSPITAL_BUYER), drafts=self.drafts)


def _shenzhen(world, *, price: str, line: str | None = "100", at="2026-03-02 10:00", **more) -> Case:
    at = shanghai(at)
    listing = listed(world, "120", listed_on=SINCE)
    priced(world, listing, {"320000": line} if line else {}, at=at)
    case = Case(world, listing, price, at, **more)
    agreed(world, listing, price=price, quantity="100000", at=at, buyer=case.key)
    return case


def _listed(world) -> Case:
    return _shenzhen(world, price="121", line="200")


def _alert_line(world) -> Case:
    return _shenzhen(world, price="110")


def _own_latest(world) -> Case:
    case = _shenzhen(world, price="90")
    # Later than the agreement an order draws on.
    cheaper = agreed(world, case.listing, price="80", at=case.at)
    with scope.opened(world.system):
        PriceAgreement.objects.filter(id=cheaper.id).update(valid_to=date(2026, 3, 3))
    return case


def _volunteer(world) -> Case:
    return _shenzhen(world, price="90", key="private_hospital")


def _reference(world) -> Case:
    return _shenzhen(world, price="90", at="2023-03-01 10:00")


def _drafts(world) -> Case:
    return _shenzhen(world, price="110", drafts="warn")


def _history(world) -> Case:
    nanjing = elsewhere("js", "CN-JS-NJ")
    listing = listed(nanjing, "120", region="CN-JS", listed_on=SINCE)
    at = shanghai("2026-03-02 10:00")
    priced(nanjing, listing, {}, at=at, publish=False)
    deal(nanjing, listing, buyer="other_hospital", price="95", on=date(2025, 6, 2))
    agreed(nanjing, listing, price="95", quantity="100000", at=at)
    return Case(nanjing, listing, "95", at)


def _full_first_deals(world) -> Case:
    """Two hospitals have bought and the third buys; a review stands."""
    case = _shenzhen(world, price="110", line=None)
    reviewed(world, case.listing, price="110", at=case.at)
    deal(world, case.listing, buyer="other_hospital", price="110", on=date(2025, 6, 2))
    return case


def _reviewed(world) -> Case:
    case = _shenzhen(world, price="110", line=None)
    reviewed(world, case.listing, price="110", at=case.at)
    return case


def _compared(world) -> Case:
    return _shenzhen(world, price="90")


def _cleared(world) -> Case:
    case = _shenzhen(world, price="110")
    from tests.factories.procurement import cleared

    cleared(world, case.listing, price="110", at=case.at)
    return case


def _without(name: str) -> Callable:
    """The builder with one fact of the rule left out."""

    def spoil(monkeypatch):
        built = judgement._facts

        def spoilt(*args, **more):
            facts = built(*args, **more)
            return replace(facts, facts={**facts.facts, name: True if name == "buyer_is_public" else None})

        monkeypatch.setattr(judgement, "_facts", spoilt)

    return spoil


def _without_piece(**pieces) -> Callable:
    def spoil(monkeypatch):
        built = judgement._facts
        monkeypatch.setattr(judgement, "_facts", lambda *args, **more: replace(built(*args, **more), **pieces))

    return spoil


def _without_first(**pieces) -> Callable:
    def spoil(monkeypatch):
        found = beyond.first_deals

        def spoilt(**asked):
            return {group: replace(first, **pieces) for group, first in found(**asked).items()}

        monkeypatch.setattr(beyond, "first_deals", spoilt)

    return spoil


def _without_comparison(monkeypatch):
    monkeypatch.setattr(judgement._Beside, "comparison", lambda *_: None)


def _without_switch(monkeypatch):
    """The drafts switch is not asked: the law is as if drafts bound."""
    asked = scope.law
    for module in (judgement.scope, placing.scope):
        monkeypatch.setattr(
            module, "law", lambda actor, on, **more: asked(replace(actor, drafts="binding"), on, **more)
        )


FACTS = {
    "listed": (_listed, _without("listed")),
    "reference": (_reference, _without("reference")),
    "alert_line": (_alert_line, _without("alert_line")),
    "own_latest": (_own_latest, _without("own_latest")),
    "buyer_is_public": (_volunteer, _without("buyer_is_public")),
    "history_prices": (_history, _without_piece(history_prices=())),
    "cleared": (_cleared, _without_piece(cleared=None)),
    "deals of others": (_full_first_deals, _without_first(deals=())),
    "reviewed": (_reviewed, _without_first(reviewed=None)),
    "first deals": (_reviewed, _without_piece(first=None)),
    "comparison price": (_compared, _without_comparison),
    "drafts switch": (_drafts, _without_switch),
}


def _answers(decision, first_deal) -> tuple:
    """What a decision says, without the facts it was given."""
    found = []
    for each in (decision, first_deal):
        if each is not None:
            answer = each if isinstance(each, dict) else each.to_dict()
            found.append((answer["allowed"], str(answer["outcome"]), [_said(r) for r in answer["reasons"]]))
    return tuple(found)


def _said(reason: dict) -> tuple:
    return (reason["clause"], reason["effect"], reason["code"], reason["message"])


def _kept(world, act_) -> tuple:
    """What was kept of an act, done and undone: its decisions, or those of its refusal."""
    with scope.opened(world.system):
        newest = [
            model.objects.order_by("-id").values_list("id", flat=True).first() or 0 for model in (Decision, Refusal)
        ]
    try:
        act_()
    except Refused as refusal:
        return ("refused", refusal.code, [_said(reason) for reason in refusal.reasons])
    with scope.opened(world.system):
        rows = Decision.objects.filter(id__gt=newest[0]).order_by("id")
        return tuple((row.rule, row.allowed, str(row.outcome), [_said(r) for r in row.reasons]) for row in rows)


def _offer(case: Case) -> tuple:
    terms = {"price_group_id": case.listing.price_group_id, "price": case.price, "quantity": QUANTITY}
    with scope.opened(case.buyer):
        trial = bargaining.offer_trial(actor=case.buyer, at=case.at, **terms).judged
    return _answers(trial.decision, trial.first_deal)


def _sheet_line(case: Case) -> tuple:
    sheet = act(case.buyer, sheets.sheet_open, case.at)
    cells = {"product": "产品", "quantity": QUANTITY, "price": case.price}
    change = sheets.Change(cells, 0, case.listing.price_group_id)
    act(case.buyer, sheets.sheet_row_write, case.at, sheet_id=sheet.id, position=1, change=change)
    with scope.opened(case.buyer):
        row = sheet_queries.access_sheet(case.buyer, sheet.id)
        (line,) = sheet_lines(actor=case.buyer, at=case.at, sheet=row)
    return (line.verdict, _answers(line.judged.decision, line.judged.first_deal))


def _order_lines(case: Case) -> list[dict]:
    with scope.opened(case.world.system):
        found = PriceAgreement.objects.filter(price=Decimal(case.price), buyer=case.world.organisations[case.key])
        return [orders.line(found.get(price_group_id=case.listing.price_group_id), QUANTITY)]


def _order(case: Case) -> tuple:
    point = orders.point(case.world, hospital=case.key)
    facts = placing.BasketFacts(_order_lines(case), point.id)
    return _kept(case.world, lambda: act(case.buyer, placing.order_place, case.at, facts=facts))


def _order_trial(case: Case) -> tuple:
    with scope.opened(case.buyer):
        trial = placing.order_trial(actor=case.buyer, at=case.at, lines=_order_lines(case))
    checked = [each for supply in trial.supplies for each in supply.lines]
    answers = [_answers(each.judged.decision, each.judged.first_deal) for each in checked]
    return ([(fault["code"], fault["message"]) for fault in trial.faults], answers)


PATHS = {"offer": _offer, "sheet line": _sheet_line, "order line": _order, "order trial": _order_trial}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_counts_on_each_path(world, monkeypatch, fact, path):
    made, spoil = FACTS[fact]
    case = made(world)
    if fact == "reference":
        prices = {case.listing.price_group_id: Decimal("85")}
        monkeypatch.setattr(judgement, "reference_prices", lambda **_: prices)
    whole = PATHS[path](case)
    with monkeypatch.context() as spoilt:
        spoil(spoilt)
        without = PATHS[path](case)
    assert whole != without
    assert "confirm_needed" not in str((whole, without))


def test_the_builder_gives_no_fact_that_is_not_asked_for_here():
    """A fact that is added to the builder is added to this test; awards are none yet."""
    given = {"listed", "reference", "alert_line", "own_latest", "winner_in_cycle", "buyer_is_public"}
    assert given - {"winner_in_cycle"} <= set(FACTS)
    assert set(judgement.BargainFacts.__dataclass_fields__) == {
        "facts",
        "history_prices",
        "known",
        "listed",
        "cleared",
        "first",
    }
