"""Standing consent (JS20-11A): at the listed price the deal is confirmed by itself, and the contract signed for the firm at
once where two of its people agreed beforehand; else a signing clock runs."""

from dataclasses import replace
from datetime import date

import pytest

from procurement.contracts import queries
from procurement.contracts.models import StandingConsent, SupplyContract
from procurement.contracts.services import consents as services
from procurement.contracts.services import contracts
from procurement.contracts.workflows import STANDING_CONSENT, ConsentState
from procurement.subscribers import contract_signed_by_consent
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.kernel.machine import IllegalMove
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.scope.principal import Principal, PrincipalKind
from sunlight.tenancy.models import Membership
from tests.deadlines.limits import limits, swept
from tests.factories import catalog
from tests.factories.pricing import priced
from tests.procurement.bargaining import act, events, make, now_of
from tests.regional import at, elsewhere

SELLER, ADMIN, BUYER, APPROVER = (
    Role.SUPPLIER_SELLER,
    Role.SUPPLIER_ADMIN,
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_APPROVER,
)
ON = at("2022-03-01")
TERMS = {
    "per_contract": "20000",
    "per_day": "30000",
    "payment_days": "60",
    "from_date": "2022-03-01",
    "to_date": "2022-12-31",
}


@pytest.fixture
def nanjing(db):
    return elsewhere("js", "CN-JS-NJ")


def product(world, region="CN-JS"):
    listing = catalog.listed(world, "120", region=region, listed_on=date(2019, 1, 1))
    priced(world, listing, {}, at=ON, publish=False)
    return listing


def given(world, on=ON, **terms) -> StandingConsent:
    return act(world.actor("maker", SELLER), services.consent_give, on, **TERMS | terms)


def in_force(world, on=ON, **terms) -> StandingConsent:
    consent = given(world, on, **terms)
    return act(world.actor("maker", ADMIN), services.consent_confirm, on, consent_id=consent.id)


def bought(world, listing, on=ON, price="120", quantity="100", **more) -> SupplyContract | None:
    """The contract that an offer became, where it became one."""
    offer = make(world, listing, price, on, quantity=quantity, **more)
    with scope.opened(world.system):
        return SupplyContract.objects.filter(agreements__source_kind="OFFER", agreements__source_id=offer.id).first()


def rows(world) -> list[StandingConsent]:
    with scope.opened(world.system):
        return list(StandingConsent.objects.order_by("id"))


@pytest.mark.clause("JS20-11A", on="trade")
def test_the_contract_is_signed_for_the_firm_at_once(nanjing):
    listing = product(nanjing)
    consent = in_force(nanjing)
    contract = bought(nanjing, listing)
    assert (contract.state, contract.seller_signed_at, contract.buyer_signed_at) == ("SIGNING", ON, None)
    assert (contract.seller_consent_number, contract.seller_consent_clause) == (consent.number, "JS20-11A")
    assert (contract.seller_consent_fen, contract.seller_signed_by.principal.kind) == (1_200_000, "system")
    # The hospital named no term, so the one the firm agreed to stands in what both sign.
    assert contract.payment_days == 60 and "60 日内付清货款（依据 JS20-32" in contract.text
    (signed,) = events(nanjing, "contract_signed")
    assert (signed.payload["side"], signed.payload["consent"], signed.payload["clause"]) == (
        "seller",
        consent.id,
        "JS20-11A",
    )
    firms, hospitals = limits(nanjing, kind="contract_sign")
    assert (firms.state, hospitals.state, hospitals.owes_id) == ("DONE", "OPEN", nanjing.hospital.id)
    # The hospital signs by its own people.
    approver = nanjing.actor("hospital", APPROVER)
    done = act(approver, contracts.contract_sign, ON, contract_id=contract.id, text_sha256=contract.text_sha256)
    assert done.state == "IN_FORCE"


def test_both_sides_are_told_with_product_and_firm(nanjing):
    listing = product(nanjing)
    in_force(nanjing)
    contract = bought(nanjing, listing)
    (event,) = events(nanjing, "contract_signed")
    with scope.opened(nanjing.system):
        contract_signed_by_consent(event=event, actor=nanjing.system, at=ON)
        told = list(Message.objects.filter(kind="contract_signed_by_consent").order_by("organisation_id"))
    assert {each.organisation_id for each in told} == {nanjing.maker.id, nanjing.hospital.id}
    for each in told:
        other = nanjing.hospital if each.organisation_id == nanjing.maker.id else nanjing.maker
        assert contract.number in each.title and other.name in each.body and listing.price_group.name in each.body
        assert f"依 JS20-11A，按常设同意 {contract.seller_consent_number} 由系统代企业签署" in each.body


@pytest.mark.clause("JS20-11A", on="trade")
def test_without_a_consent_the_signing_clock_runs_and_both_sides_see_it(nanjing):
    listing = product(nanjing)
    contract = bought(nanjing, listing)
    assert (contract.state, contract.seller_signed_at, contract.seller_consent_number) == ("SIGNING", None, "")
    (limit,) = limits(nanjing, kind="contract_sign")
    # Tuesday 2022-03-01 and five working days.
    assert (limit.owes_id, limit.awaits_id, limit.due_on) == (nanjing.maker.id, nanjing.hospital.id, date(2022, 3, 8))
    assert swept(nanjing, at("2022-03-09")) == 1


def test_one_person_alone_consents_to_nothing(nanjing):
    listing = product(nanjing)
    given(nanjing)
    assert bought(nanjing, listing).seller_signed_at is None


@pytest.mark.parametrize(
    ("terms", "order"),
    [
        ({"per_contract": "11999.99", "per_day": "12000"}, {}),
        ({"from_date": "2022-03-02"}, {}),
        ({"payment_days": "45"}, {"payment_days": "46"}),
    ],
)
def test_what_it_does_not_cover_waits_for_the_firm(nanjing, terms, order):
    listing = product(nanjing)
    in_force(nanjing, **terms)
    assert bought(nanjing, listing, **order).seller_signed_at is None


def test_the_ceilings_are_kept_to_the_fen(nanjing):
    first, second, third = product(nanjing), product(nanjing), product(nanjing)
    in_force(nanjing, per_contract="12000", per_day="24000", payment_days="45")
    assert bought(nanjing, first, payment_days="45").seller_signed_at == ON
    assert bought(nanjing, second).seller_signed_at == ON
    assert bought(nanjing, third, quantity="1").seller_signed_at is None
    fourth = product(nanjing)
    tomorrow = at("2022-03-02")
    assert bought(nanjing, fourth, on=tomorrow).seller_signed_at == tomorrow


def test_it_covers_the_products_it_names_and_no_others(nanjing):
    named, other = product(nanjing), product(nanjing)
    in_force(nanjing, products=[str(named.price_group_id)])
    assert bought(nanjing, other).seller_signed_at is None
    assert bought(nanjing, named).seller_signed_at == ON


def test_its_last_day_and_the_day_after(nanjing):
    first, second = product(nanjing), product(nanjing)
    in_force(nanjing, to_date="2022-03-03")
    last = at("2022-03-03", 23)
    assert bought(nanjing, first, on=last).seller_signed_at == last
    assert bought(nanjing, second, on=at("2022-03-04", 0)).seller_signed_at is None


@pytest.mark.clause("JS20-11A", on="trade")
def test_once_ended_the_system_signs_no_more(nanjing):
    first, second = product(nanjing), product(nanjing)
    consent = in_force(nanjing)
    signed = bought(nanjing, first)
    ended = act(nanjing.actor("maker", SELLER), services.consent_end, ON, consent_id=consent.id, reason="改为自行签署")
    assert (ended.state, ended.end_reason) == ("ENDED", "改为自行签署")
    assert bought(nanjing, second).seller_signed_at is None
    assert now_of(nanjing, signed).seller_signed_at == ON


@pytest.mark.parametrize("role", [SELLER, ADMIN])
def test_it_is_void_once_either_who_gave_it_has_left(nanjing, role):
    listing = product(nanjing)
    in_force(nanjing)
    left = nanjing.actor("maker", role)
    with scope.opened(nanjing.system):
        Membership.objects.filter(user_id=left.user_id).update(is_active=False)
    assert bought(nanjing, listing).seller_signed_at is None


@pytest.mark.clause("JS20-11C", on="trade")
def test_it_says_nothing_of_other_prices(nanjing):
    listing = product(nanjing)
    in_force(nanjing)
    assert bought(nanjing, listing, price="110") is None


def test_another_firms_consent_signs_nothing(nanjing):
    listing = product(nanjing)
    seller, admin = nanjing.actor("other_maker", SELLER), nanjing.actor("other_maker", ADMIN)
    consent = act(seller, services.consent_give, ON, **TERMS)
    act(admin, services.consent_confirm, ON, consent_id=consent.id)
    assert bought(nanjing, listing).seller_signed_at is None


def test_where_no_law_confirms_by_itself_there_is_nothing_to_consent_to(world):
    with pytest.raises(Conflict) as caught:
        given(world, at("2026-03-02"), from_date="2026-03-02", to_date="2026-12-31")
    assert caught.value.code == "nothing_to_consent_to"
    assert rows(world) == []


def test_before_the_acts_first_day_there_is_nothing_to_consent_to(nanjing):
    with pytest.raises(Conflict):
        given(nanjing, at("2020-04-30"), from_date="2020-04-30", to_date="2020-12-31")
    assert given(nanjing, at("2020-05-01"), from_date="2020-05-01", to_date="2020-12-31").state == "GIVEN"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"per_contract": "x"}, "per_contract"),
        ({"per_contract": "0"}, "per_contract"),
        ({"per_day": "19999.99"}, "per_day"),
        ({"payment_days": ""}, "payment_days"),
        ({"payment_days": "366"}, "payment_days"),
        ({"from_date": "2022-02-30"}, "from_date"),
        ({"to_date": "2022-02-28"}, "to_date"),
        ({"to_date": "2023-03-03"}, "to_date"),
        ({"products": ["999999"]}, "products"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(nanjing, wrong, field):
    with pytest.raises(Invalid) as caught:
        given(nanjing, **wrong)
    assert caught.value.field == field
    assert rows(nanjing) == [] and events(nanjing, "consent_given") == []


def test_another_firms_product_is_not_its_own(nanjing):
    listing = product(nanjing)
    with pytest.raises(Invalid):
        act(
            nanjing.actor("other_maker", SELLER),
            services.consent_give,
            ON,
            **TERMS | {"products": [listing.price_group_id]},
        )
    assert rows(nanjing) == []


@pytest.mark.parametrize(
    ("key", "role"),
    [
        ("maker", Role.SUPPLIER_FINANCE),
        ("maker", ADMIN),
        ("hospital", BUYER),
        ("operator", Role.OPERATOR_SUPPORT),
        ("regulator", Role.REGULATOR_OFFICER),
    ],
)
def test_a_seller_alone_gives_it(nanjing, key, role):
    with pytest.raises(Refused):
        act(nanjing.actor(key, role), services.consent_give, ON, **TERMS)
    assert rows(nanjing) == []


@pytest.mark.duty("standing_consent", "confirm", "give")
def test_who_gave_it_does_not_confirm_it(nanjing):
    consent = given(nanjing)
    oneself = replace(nanjing.actor("maker", SELLER), roles=frozenset({ADMIN}))
    with pytest.raises(Forbidden) as caught:
        act(oneself, services.consent_confirm, ON, consent_id=consent.id)
    assert caught.value.code == "consent_own"
    assert [each.state for each in rows(nanjing)] == ["GIVEN"]


@pytest.mark.parametrize("service", [services.consent_confirm, services.consent_end])
def test_a_machine_neither_confirms_nor_ends_it(nanjing, service):
    consent = given(nanjing)
    machine = replace(nanjing.actor("maker", ADMIN), principal=Principal(PrincipalKind.TOKEN, 1))
    more = {"reason": "改为自行签署"} if service is services.consent_end else {}
    with pytest.raises(Forbidden) as caught:
        act(machine, service, ON, consent_id=consent.id, **more)
    assert caught.value.code == "people_only"
    assert [each.state for each in rows(nanjing)] == ["GIVEN"]


def test_it_is_ended_with_a_reason_and_by_its_own_firm(nanjing):
    consent = in_force(nanjing)
    with pytest.raises(Invalid):
        act(nanjing.actor("maker", ADMIN), services.consent_end, ON, consent_id=consent.id, reason=" ")
    for key, role in (("other_maker", ADMIN), ("hospital", BUYER)):
        with pytest.raises(NotThere):
            act(nanjing.actor(key, role), services.consent_end, ON, consent_id=consent.id, reason="不同意")
    assert [each.state for each in rows(nanjing)] == ["IN_FORCE"]
    act(nanjing.actor("maker", ADMIN), services.consent_end, ON, consent_id=consent.id, reason="改为自行签署")
    for service, more in ((services.consent_confirm, {}), (services.consent_end, {"reason": "再次"})):
        with pytest.raises(Conflict):
            act(nanjing.actor("maker", ADMIN), service, ON, consent_id=consent.id, **more)


def test_every_other_move_is_refused():
    for move in STANDING_CONSENT.table:
        for state in set(ConsentState) - set(move.from_states):
            with pytest.raises(IllegalMove):
                STANDING_CONSENT.apply(state, move.name, next(iter(move.by)))


def test_no_hospital_reads_what_a_firm_agrees_to(nanjing):
    in_force(nanjing)
    for key, role, seen in (
        ("maker", SELLER, 1),
        ("other_maker", SELLER, 0),
        ("operator", Role.OPERATOR_SUPPORT, 1),
        ("hospital", BUYER, 0),
    ):
        actor = nanjing.actor(key, role)
        with scope.opened(actor):
            assert queries.consents_visible_to(actor).count() == seen, key
