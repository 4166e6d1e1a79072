"""Who takes part: a duty for public institutions, a choice for others, as each region's law of the day says."""

from datetime import date

import pytest

from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.models import Refusal
from sunlight.journal.refusals import Forbidden, Invalid, Refused
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation, Registration
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from sunlight.tenancy.queries.restrictions import permissions_of
from sunlight.tenancy.rules import participation, uscc_check_character
from sunlight.tenancy.services.admission import membership_grant, user_create
from sunlight.tenancy.services.organisations import organisation_register
from sunlight.tenancy.standing import TradeAct

POLICY = current_policy()


PUBLIC = ("government_county", "government_township", "state_enterprise_nonprofit")


def part(region: str, on: str, ownership: str, *, designated: bool = False) -> tuple[str, str]:
    law = POLICY.law(region=region, on=date.fromisoformat(on))
    found = participation(law, ownership=ownership, designated=designated)
    return found.kind, found.clause


@pytest.mark.clause("SZ20-3.1", on="rule")
def test_shenzhen_obliges_public_institutions_and_lets_others_join():
    for ownership in PUBLIC:
        assert part("CN-GD-SZ", "2020-07-01", ownership) == ("mandatory", "SZ20-3.1")
        assert part("CN-GD-SZ", "2020-06-30", ownership) == ("open", "")
    for ownership in ("private_nonprofit", "private", "military"):
        assert part("CN-GD-SZ", "2020-07-01", ownership) == ("voluntary", "SZ20-3.1")


@pytest.mark.clause("GD25-3.4d", on="rule")
def test_guangdong_obliges_public_institutions_from_its_first_day():
    assert part("CN-GD", "2025-12-01", "government_township") == ("mandatory", "GD25-3.4d")
    assert part("CN-GD", "2025-11-30", "government_township") == ("open", "")
    assert part("CN-GD-SZ", "2025-12-01", "government_county") == ("mandatory", "SZ20-3.1")
    assert part("CN-GD", "2030-12-01", "government_county") == ("open", "")


@pytest.mark.clause("HB20-2a", on="rule")
def test_hubei_obliges_military_ones_too_and_admits_private_ones_only_when_designated():
    assert part("CN-HB", "2020-06-18", "government_county") == ("mandatory", "HB20-2a")
    assert part("CN-HB", "2020-06-18", "government_township") == ("voluntary", "HB20-2a")
    assert part("CN-HB", "2020-06-18", "private_nonprofit") == ("none", "HB20-2a")
    assert part("CN-HB", "2020-06-18", "private_nonprofit", designated=True) == ("voluntary", "HB20-2a")
    assert part("CN-HB-XN", "2020-06-18", "military") == ("mandatory", "HB20-2a")
    assert part("CN-HB", "2020-06-18", "private") == ("none", "HB20-2a")
    assert part("CN-HB", "2020-06-18", "private", designated=True) == ("voluntary", "HB20-2a")
    assert part("CN-HB", "2020-06-17", "military") == ("open", "")


@pytest.mark.clause("JS20-2", "JS20-41", on="rule")
def test_jiangsu_obliges_public_ones_from_its_first_day_and_lets_military_and_private_join():
    assert part("CN-JS-NJ", "2020-05-01", "government_township") == ("mandatory", "JS20-2")
    assert part("CN-JS", "2020-05-01", "military") == ("voluntary", "JS20-2")
    assert part("CN-JS", "2020-04-30", "government_county") == ("open", "")


def _code(number: int) -> str:
    first = f"91420100MA9F{number:05d}"
    return first + uscc_check_character(first)


def _register(platform_code: str, number: int, **traits):
    system = next(a for a in open_platform_actors() if a.platform_code == platform_code)
    with scope.opened(system):
        return organisation_register(
            actor=system,
            at=scope.now(),
            platform=platform_by_code(platform_code),
            kind=OrganisationKind.HOSPITAL,
            name=f"参加范围测试医院{number}",
            credit_code=_code(number),
            region_code=traits.pop("region_code"),
            profile={"legal_representative": "法人"},
            level="secondary",
            **traits,
        )


def test_the_registration_keeps_what_the_law_said(db):
    made = _register("hb", 1, region_code="CN-HB-XN", ownership="government_county")
    with scope.opened(next(a for a in open_platform_actors() if a.platform_code == "hb")):
        row = Registration.objects.get(organisation=made)
    assert (row.participation, row.participation_clause) == ("mandatory", "HB20-2a")


@pytest.mark.clause("HB20-2a", on="rule")
def test_a_private_hospital_nobody_designated_is_refused_in_hubei_and_leaves_nothing(db):
    with pytest.raises(Refused) as refused:
        _register("hb", 2, region_code="CN-HB", ownership="private")
    assert refused.value.clauses == ["HB20-2a"] and refused.value.code == "may_not_take_part"
    with scope.opened(next(a for a in open_platform_actors() if a.platform_code == "hb")):
        assert not Organisation.objects.filter(credit_code=_code(2)).exists()
        assert Refusal.objects.get(service="organisation_register").code == "may_not_take_part"
    made = _register("hb", 3, region_code="CN-HB", ownership="private", designated=True)
    assert made.name == "参加范围测试医院3"


@pytest.mark.parametrize(
    ("platform", "region", "ownership", "expected"),
    [
        ("gd-sz", "CN-GD-SZ", "government_township", True),
        ("gd-sz", "CN-GD-SZ", "private_nonprofit", False),
        ("js", "CN-JS-NJ", "state_enterprise_nonprofit", True),
        ("js", "CN-JS-NJ", "military", False),
        ("hb", "CN-HB-XN", "military", True),
        ("hb", "CN-HB", "government_township", False),
    ],
)
def test_whether_a_hospital_is_public_follows_from_who_runs_it_and_where(db, platform, region, ownership, expected):
    assert _register(platform, 5, region_code=region, ownership=ownership).is_public is expected


def test_public_by_name_only_is_refused(db):
    with pytest.raises(Invalid, match="是否公立不一致"):
        _register("js", 4, region_code="CN-JS-NJ", ownership="private", is_public=True)


@pytest.mark.clause("JS20-2", on="rule")
def test_a_supplier_that_is_not_registered_on_a_platform_may_not_trade_there(world):
    elsewhere = next(a for a in open_platform_actors() if a.platform_code == "js")
    with scope.opened(elsewhere):
        there = permissions_of(
            platform_id=elsewhere.platform_id, organisation_ids=[world.distributor.id], on=date(2026, 3, 2)
        )
    with scope.opened(world.system):
        here = permissions_of(
            platform_id=world.platform.id, organisation_ids=[world.distributor.id], on=date(2026, 3, 2)
        )
    for act in TradeAct:
        assert here.refusal(act, world.distributor.id) is None
        assert "未在本平台登记" in there.refusal(act, world.distributor.id).message


@pytest.mark.clause("SZ20-4.2", on="rule")
def test_the_operator_is_no_regulator(world):
    operator, regulator = world.actor("operator", Role.OPERATOR_SUPPORT), world.actor("regulator", Role.REGULATOR_CHIEF)
    with scope.opened(world.system):
        user = user_create(actor=world.system, at=scope.now(), username="both", name="双岗", password="sunlight-2026")
        for organisation, role in (("operator", Role.REGULATOR_OFFICER), ("regulator", Role.OPERATOR_REVIEWER)):
            with pytest.raises(Invalid) as refused:
                membership_grant(
                    actor=world.system,
                    at=scope.now(),
                    user=user,
                    organisation=world.organisations[organisation],
                    platform=world.platform,
                    roles=[role],
                )
            assert refused.value.code == "role_of_another_kind"
    with scope.opened(regulator), pytest.raises(Forbidden):
        user_create(actor=regulator, at=scope.now(), username="x", name="x", password="sunlight-2026")
    assert operator.roles.isdisjoint(regulator.roles) and not operator.authority
