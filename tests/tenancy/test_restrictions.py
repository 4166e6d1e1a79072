"""Restrictions: all in force add up, each ends for itself, and every place gets the same refusal."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.tenancy.models import Platform, Registration
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.restrictions import permissions_of, restrictions_in_force, standing_of
from sunlight.tenancy.services import restrictions as services
from sunlight.tenancy.standing import Restriction, TradeAct
from tests.factories.standing import CLAUSE, barred

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
SELL, DELIVER = TradeAct.SELL, TradeAct.DELIVER


def permissions(world, on=DAY, *, key="maker"):
    with scope.opened(world.system):
        return permissions_of(platform_id=world.platform.id, organisation_ids=[world.organisations[key].id], on=on)


def acts_barred(world, on=DAY, *, key="maker") -> set[TradeAct]:
    found = permissions(world, on, key=key)
    return {act for act in TradeAct if found.refusal(act, world.organisations[key].id) is not None}


def lift(world, rows, on=None, at=AT, reason="整改合格"):
    with scope.opened(world.system):
        return services.restriction_lift(
            actor=world.system, at=at, restriction_ids=[row.id for row in rows], reason=reason, on=on
        )


def test_who_is_registered_may_do_all_five(world):
    assert acts_barred(world) == set()


def test_all_five_acts_close_a_registration(world):
    barred(world, "maker", at=AT)
    assert acts_barred(world) == set(TradeAct)


@pytest.mark.parametrize("act", TradeAct)
def test_a_restriction_bars_its_act_and_no_other(world, act):
    barred(world, "maker", act, at=AT)
    assert acts_barred(world) == {act}
    assert acts_barred(world, key="other_maker") == set()


def test_it_holds_from_its_first_to_its_last_day(world):
    barred(world, "maker", SELL, at=AT, to_date=date(2026, 3, 9))
    days = {day: acts_barred(world, date(2026, 3, day)) for day in (1, 2, 9, 10)}
    assert days == {1: set(), 2: {SELL}, 9: {SELL}, 10: set()}


def test_of_two_that_overlap_one_ends_and_the_other_stays(world):
    first = barred(world, "maker", SELL, DELIVER, at=AT)
    barred(world, "maker", SELL, at=AT, to_date=date(2026, 3, 20))
    lift(world, first, on=date(2026, 3, 5))
    assert acts_barred(world, date(2026, 3, 4)) == {SELL, DELIVER}
    assert acts_barred(world, date(2026, 3, 5)) == {SELL}
    assert acts_barred(world, date(2026, 3, 20)) == {SELL}
    assert acts_barred(world, date(2026, 3, 21)) == set()


def test_a_restriction_of_price_groups_bars_those_only(world):
    barred(world, "maker", SELL, at=AT, price_group_ids=[7, 9])
    found, maker = permissions(world), world.maker.id
    found.may_sell(maker)
    found.may_sell(maker, [8])
    with pytest.raises(Refused, match="不得销售所涉产品"):
        found.may_sell(maker, [8, 9])
    barred(world, "maker", SELL, at=AT)
    with pytest.raises(Refused):
        permissions(world).may_sell(maker, [8])


def test_a_regions_restriction_reaches_every_platform_in_it_and_no_other(world):
    elsewhere = {actor.platform_code: actor for actor in open_platform_actors()}
    for code in ("gd", "js"):
        with scope.opened(elsewhere[code]):
            Registration.objects.create(
                platform=Platform.objects.get(code=code), organisation=world.maker, registered_on=DAY, approved_at=AT
            )

    def barred_on() -> set[str]:
        found = set()
        for code in ("gd-sz", "gd", "js"):
            with scope.opened(elsewhere[code]):
                asked = {"platform_id": elsewhere[code].platform_id, "organisation_ids": [world.maker.id], "on": DAY}
                refused = permissions_of(**asked).refusal(SELL, world.maker.id) is not None
                assert refused is bool(restrictions_in_force(**asked, acts=[SELL]))
                found |= {code} if refused else set()
        return found

    assert barred_on() == set()
    (row,) = barred(world, "maker", SELL, at=AT, region_code="CN-GD")
    assert (row.platform, row.region.code) == (None, "CN-GD")
    assert barred_on() == {"gd-sz", "gd"}
    lift(world, [row], on=DAY)
    barred(world, "maker", SELL, at=AT, region_code="CN-GD-SZ")
    assert barred_on() == {"gd-sz"}
    barred(world, "maker", SELL, at=AT, region_code="CN")
    assert barred_on() == {"gd-sz", "gd", "js"}


def test_a_platforms_restriction_stays_on_the_platform(world):
    barred(world, "maker", SELL, at=AT)
    gd = next(actor for actor in open_platform_actors() if actor.platform_code == "gd")
    with scope.opened(gd):
        assert restrictions_in_force(platform_id=gd.platform_id, organisation_ids=[world.maker.id], on=DAY) == []


def test_the_refusal_names_act_days_clause_and_way_out(world):
    barred(world, "maker", SELL, at=AT, to_date=date(2026, 3, 9))
    barred(world, "maker", SELL, at=AT, from_date=date(2026, 3, 1), to_date=date(2026, 6, 1), clause="GD25-5.11c")
    refusal = permissions(world).refusal(SELL, world.maker.id, field="code")
    assert refusal.message == (
        f"{world.maker.name}自 2026-03-01 起至 2026-06-01 不得销售（依据 GD25-5.11c），"
        "医疗机构请改选其他企业的产品，企业如有异议请联系平台运营机构。"
    )
    assert (refusal.code, refusal.field, refusal.clauses) == ("seller_barred", "code", [CLAUSE, "GD25-5.11c"])
    assert refusal.facts["to"] == "2026-06-01"
    barred(world, "maker", SELL, at=AT)
    assert "自 2026-03-02 起不得销售（依据" in permissions(world).refusal(SELL, world.maker.id).message


def test_every_act_has_its_code(world):
    barred(world, "maker", at=AT)
    found, maker = permissions(world), world.maker.id
    codes = {}
    for name in ("may_list", "may_bid", "may_buy", "may_sell", "may_deliver"):
        with pytest.raises(Refused) as caught:
            getattr(found, name)(maker)
        codes[name] = caught.value.code
    assert codes == {
        "may_list": "lister_barred",
        "may_bid": "bidder_barred",
        "may_buy": "buyer_barred",
        "may_sell": "seller_barred",
        "may_deliver": "distributor_barred",
    }


def test_a_stranger_may_do_nothing(world):
    with scope.opened(world.system):
        Registration.objects.filter(platform=world.platform, organisation=world.maker).update(approved_at=None)
    assert acts_barred(world) == set(TradeAct)
    assert f"{world.maker.name}未在本平台登记，不得配送" in permissions(world).refusal(DELIVER, world.maker.id).message


def test_many_organisations_cost_two_statements(world):
    everybody = [organisation.id for organisation in world.organisations.values()]
    barred(world, "maker", at=AT)
    with scope.opened(world.system), CaptureQueriesContext(connection) as captured:
        permissions_of(platform_id=world.platform.id, organisation_ids=everybody, on=DAY)
    assert len(captured) == 2


def test_what_is_imposed_and_lifted_is_on_record(world):
    (row,) = barred(world, "maker", SELL, at=AT, source=("credit_case", 12), price_group_ids=[9, 7])
    lift(world, [row])
    with scope.opened(world.system):
        imposed, lifted = Event.objects.filter(name__startswith="restriction_").order_by("id")
    assert (imposed.name, imposed.subject_id, imposed.parties) == (
        "restriction_imposed",
        world.maker.id,
        [world.maker.id],
    )
    assert {name: imposed.payload[name] for name in ("act", "from", "to", "clause", "source", "price_groups")} == {
        "act": "SELL",
        "from": "2026-03-02",
        "to": None,
        "clause": CLAUSE,
        "source": ["credit_case", 12],
        "price_groups": [7, 9],
    }
    assert (lifted.name, lifted.payload["lifted_on"], lifted.payload["reason"]) == (
        "restriction_lifted",
        "2026-03-02",
        "整改合格",
    )


@pytest.mark.parametrize(
    ("wrong", "kind", "code"),
    [
        ({"acts": ()}, Invalid, "unknown_act"),
        ({"acts": ["PAY"]}, Invalid, "unknown_act"),
        ({"to_date": date(2026, 3, 1)}, Invalid, "bad_period"),
        ({"price_group_ids": []}, Invalid, "no_products"),
        ({"reason": " "}, Invalid, "reason_missing"),
        ({"clause": ""}, Invalid, "clause_missing"),
        ({"organisation_id": 10**9}, NotThere, "not_found"),
        ({"region_code": "CN-XX"}, NotThere, "not_found"),
    ],
)
def test_what_may_not_be_imposed(world, wrong, kind, code):
    facts = {
        "organisation_id": world.maker.id,
        "acts": [SELL],
        "from_date": DAY,
        "reason": "测试",
        "clause": CLAUSE,
    } | wrong
    with scope.opened(world.system), pytest.raises(kind) as caught:
        services.restriction_impose(actor=world.system, at=AT, **facts)
    assert caught.value.code == code
    with scope.opened(world.system):
        assert not Restriction.objects.exists()


@pytest.mark.parametrize(("key", "role"), [("operator", Role.OPERATOR_SUPPORT), ("maker", Role.SUPPLIER_ADMIN)])
def test_only_the_platform_itself_writes(world, key, role):
    (row,) = barred(world, "maker", SELL, at=AT)
    actor = world.actor(key, role)
    facts = {"organisation_id": world.maker.id, "clause": CLAUSE, "from_date": DAY}
    for call in (
        lambda: services.restriction_impose(actor=actor, at=AT, acts=[SELL], reason="测试", **facts),
        lambda: services.restriction_lift(actor=actor, at=AT, restriction_ids=[row.id], reason="测试"),
        lambda: services.standing_record(actor=actor, at=AT, grade="serious", **facts),
    ):
        with scope.opened(actor), pytest.raises(Forbidden):
            call()


def test_a_restriction_is_lifted_once_and_not_backwards(world):
    ended = barred(world, "maker", SELL, at=AT - timedelta(days=9), to_date=date(2026, 3, 1))
    open_ended = barred(world, "maker", SELL, at=AT)
    for rows, on, kind in ((open_ended, date(2026, 3, 1), Invalid), (ended, None, Conflict), ([], None, NotThere)):
        with pytest.raises(kind):
            lift(world, rows, on)
    with pytest.raises(Invalid):
        lift(world, open_ended, reason="")
    lift(world, open_ended)
    assert acts_barred(world) == set()
    with pytest.raises(Conflict):
        lift(world, open_ended)


def test_one_that_is_lifted_from_a_later_day_is_not_said_to_be_over(world):
    rows = barred(world, "maker", SELL, at=AT)
    lift(world, rows, on=date(2026, 3, 9))
    with pytest.raises(Conflict) as refused:
        lift(world, rows)
    assert refused.value.message == "该项交易限制已决定自 2026-03-09 起解除，无须再次解除。"


def test_one_lifted_before_its_beginning_never_held(world):
    rows = barred(world, "maker", SELL, at=AT, from_date=date(2026, 3, 9))
    lift(world, rows)
    assert acts_barred(world, date(2026, 3, 9)) == set()


@pytest.mark.parametrize(
    "change",
    [{"to_date": DAY}, {"act": "BUY"}, {"from_date": date(2026, 4, 1)}, {"price_group_ids": [1]}, {"lifted_on": DAY}],
)
def test_the_database_lets_nothing_of_it_change_but_its_end(world, change):
    (row,) = barred(world, "maker", SELL, at=AT)
    lift(world, [row], on=date(2026, 3, 5))
    rows = Restriction.objects.filter(id=row.id)
    with scope.opened(world.system), pytest.raises(IntegrityError, match="may only be ended"), transaction.atomic():
        rows.update(**change)
    with scope.opened(world.system), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        rows.delete()
    with scope.opened(world.system):
        assert Restriction.objects.get(id=row.id).lifted_on == date(2026, 3, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"platform": None},
        {"region_id": 1},
        {"act": "PAY"},
        {"source_kind": "case"},
        {"clause": ""},
        {"price_group_ids": []},
        {"to_date": date(2026, 3, 1)},
        {"lifted_on": DAY},
    ],
)
def test_the_database_takes_no_half_restriction(world, wrong):
    given = {
        "platform": world.platform,
        "organisation": world.maker,
        "act": "SELL",
        "from_date": DAY,
        "reason": "测试",
        "clause": CLAUSE,
        "recorded_at": AT,
    } | wrong
    with scope.opened(world.system), pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.create(**given)


def test_the_latest_grade_that_has_begun_holds(world):
    with scope.opened(world.system):
        for grade, day, where in (
            ("discredited", date(2026, 1, 1), None),
            ("serious", date(2026, 3, 1), "CN-GD"),
            ("extreme", date(2026, 5, 1), None),
            ("none", date(2026, 3, 2), "CN-JS"),
        ):
            services.standing_record(
                actor=world.system,
                at=AT,
                organisation_id=world.maker.id,
                grade=grade,
                from_date=day,
                clause=CLAUSE,
                region_code=where,
            )
        held = [
            standing_of(platform_id=world.platform.id, organisation_id=world.maker.id, on=day)
            for day in (date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 2), date(2026, 5, 1))
        ]
    assert [row and row.grade for row in held] == [None, "discredited", "serious", "extreme"]
