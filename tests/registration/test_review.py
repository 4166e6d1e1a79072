"""The review of a registration, what comes into being, and the qualifications kept from then on."""

from datetime import timedelta

import pytest

from sunlight import scope
from sunlight.files.models import StoredFile
from sunlight.journal.models import Decision, Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.registration import queries
from sunlight.registration.models import Qualification, RegistrationApplication
from sunlight.registration.services import applications as applying
from sunlight.registration.services import review as reviewing
from sunlight.scope import Role
from sunlight.tenancy.models import Membership, Organisation, Registration, Stake, User
from sunlight.tenancy.queries.restrictions import permissions_of
from tests.registering import PDF, Applicant, code, hospital, newcomer, submitted, supplier

NOTE = {"note": "营业执照扫描件不清晰", "clause": ""}


@pytest.fixture
def reviewer(world):
    return world.actor("operator", Role.OPERATOR_REVIEWER)


def review(actor, call, applicant, **facts):
    with scope.opened(actor):
        return call(actor=actor, at=scope.now(), application_id=applicant.id, **facts)


def seen(world, model, **where):
    with scope.opened(world.system):
        return list(model.objects.filter(**where))


def person(username):
    with scope.login_scope():
        return User.objects.get(username=username)


def name_given(world) -> str:
    """The first administrator's login name, as acceptance told the applicant."""
    (application,) = seen(world, RegistrationApplication, state="ACCEPTED")
    return application.username


# --- the review ---------------------------------------------------------------------------------------------------------


def test_acceptance_brings_organisation_registration_administrator_and_qualifications(world, reviewer):
    applicant = Applicant().fill(supplier(), "business_licence", "person_letter")
    ends = scope.today() + timedelta(days=30)
    applicant.attach("trade_permit", number="粤食药监械经营许 2026", valid_until=ends)
    applicant.submit()
    review(reviewer, reviewing.registration_accept, applicant)
    made = seen(world, Organisation, credit_code=code(1))[0]
    assert (made.kind, made.is_manufacturer, made.is_distributor) == ("SUPPLIER", False, True)
    assert seen(world, Registration, organisation=made)[0].approved_by == reviewer.acting
    assert str(seen(world, Stake, organisation=made)[0].share) == "60.500"
    member = seen(world, Membership, organisation=made)[0]
    assert member.roles == ["SUPPLIER_ADMIN"]
    kept = seen(world, Qualification, organisation=made)
    assert {(q.kind, q.state) for q in kept} == {
        ("business_licence", "CONFIRMED"),
        ("person_letter", "CONFIRMED"),
        ("trade_permit", "CONFIRMED"),
    }
    assert {f.parties[0] for f in seen(world, StoredFile)} == {made.id}
    assert seen(world, Event, name="registration_accepted")[0].payload["username"] == name_given(world)
    with scope.opened(reviewer):
        assert [q.kind for q in queries.expiring(reviewer, scope.today())] == ["trade_permit"]
        assert not queries.expiring(reviewer, scope.today() - timedelta(days=31)).exists()


def test_the_first_administrator_chooses_a_password_once(world, reviewer):
    applicant = submitted()
    with pytest.raises(Conflict):
        applicant.does(applying.registration_activate, password="sunlight-2026", again="sunlight-2026")
    review(reviewer, reviewing.registration_accept, applicant)
    for password, again, refusal in (
        ("sunlight-2026", "x", "passwords_differ"),
        ("short", "short", "password_too_short"),
    ):
        with pytest.raises(Invalid) as refused:
            applicant.does(applying.registration_activate, password=password, again=again)
        assert refused.value.code == refusal
    assert not person(name_given(world)).has_usable_password()
    applicant.does(applying.registration_activate, password="sunlight-2026", again="sunlight-2026")
    assert person(name_given(world)).check_password("sunlight-2026")
    with pytest.raises(Conflict):
        applicant.does(applying.registration_activate, password="another-2026", again="another-2026")
    assert person(name_given(world)).check_password("sunlight-2026")


def test_a_code_is_registered_once_on_a_platform_whoever_asks_first(world, reviewer):
    first, second = submitted(), submitted()
    view = second.view()
    assert [a.id for a in view.same_code] == [first.id] and view.registered_as is None
    review(reviewer, reviewing.registration_accept, first)
    with pytest.raises(Conflict) as refused:
        review(reviewer, reviewing.registration_accept, second)
    assert refused.value.code == "registered_already"
    with pytest.raises(Conflict) as refused:
        submitted()
    assert refused.value.code == "registered_already"
    assert len(seen(world, Registration, organisation__credit_code=code(1))) == 1
    assert person(name_given(world)).name == "管理员甲"


def test_a_refusal_names_reason_and_clause_and_leaves_nothing(world, reviewer):
    applicant = submitted()
    for note, clause in (("", ""), ("x" * 501, ""), ("资质不符", "HB99-1")):
        with pytest.raises(Invalid):
            review(reviewer, reviewing.registration_refuse, applicant, note=note, clause=clause)
    review(reviewer, reviewing.registration_refuse, applicant, note="许可证与企业名称不符", clause="JS20-34")
    shown = applicant.view().application
    assert (shown.state, shown.review_clause) == ("REFUSED", "JS20-34")
    assert not seen(world, Organisation, credit_code=code(1)) and not seen(world, Qualification)
    with pytest.raises(Conflict):
        applicant.submit()


def test_only_the_operators_reviewer_decides(world):
    applicant = submitted()
    for key, role in (("operator", Role.OPERATOR_SUPPORT), ("regulator", Role.REGULATOR_CHIEF)):
        with pytest.raises(Conflict):
            review(world.actor(key, role), reviewing.registration_accept, applicant)
    with pytest.raises(NotThere):
        review(world.actor("maker", Role.SUPPLIER_ADMIN), reviewing.registration_accept, applicant)
    with pytest.raises(Conflict), scope.opened(applicant.actor):
        reviewing.registration_accept(actor=applicant.actor, at=scope.now(), application_id=applicant.id)
    assert seen(world, RegistrationApplication, id=applicant.id)[0].state == "SUBMITTED"


def test_a_hospital_becomes_a_hospital(world, reviewer):
    applicant = Applicant("HOSPITAL").fill(hospital(5), "business_licence", "person_letter", "practice_licence")
    applicant.submit()
    review(reviewer, reviewing.registration_accept, applicant)
    made = seen(world, Organisation, credit_code=code(5))[0]
    assert (made.kind, made.level, made.is_public, made.hospital_code) == (
        "HOSPITAL",
        "secondary",
        True,
        "H44030300099",
    )
    assert seen(world, Registration, organisation=made)[0].participation == "mandatory"
    assert seen(world, Membership, organisation=made)[0].roles == ["HOSPITAL_ADMIN"]


def test_a_code_of_another_kind_of_organisation_is_not_taken_over(world, reviewer):
    with scope.opened(newcomer("gd")):
        Organisation.objects.create(kind="OPERATOR", name="某运营机构", credit_code=code(7), region_id=1)
    applicant = submitted(7)
    with pytest.raises(Conflict) as refused:
        review(reviewer, reviewing.registration_accept, applicant)
    assert refused.value.code == "kind_disagrees" and not seen(world, Registration, organisation__credit_code=code(7))


@pytest.mark.clause("JS20-34", on="rule")
def test_jiangsu_refuses_a_distributor_without_its_permit_by_clause_and_keeps_the_decision(world):
    applicant = Applicant(platform="js").fill(supplier(), "business_licence", "person_letter")
    with pytest.raises(Refused) as refused:
        applicant.submit()
    assert refused.value.clauses == ["JS20-34"] and refused.value.code == "document_missing"
    applicant.attach("trade_permit")
    applicant.submit()
    with scope.opened(newcomer("js")):
        kept = Decision.objects.get(rule="registration.check")
        assert kept.allowed and (kept.subject_type, kept.subject_id) == ("registration", applicant.id)
        assert Refusal.objects.get(service="registration_submit").reasons[0]["clause"] == "JS20-34"


@pytest.mark.clause("HB20-2b", on="rule")
def test_hubei_registers_a_general_agent_as_manufacturer_and_nobody_trades_there_unregistered(world):
    typed = supplier(9, capacities=["agent"], producer_names=["Example Medical GmbH"], region_code="CN")
    applicant = Applicant(platform="hb").fill(typed, "business_licence", "person_letter", "import_certificate")
    with pytest.raises(Refused) as refused:
        applicant.submit()
    assert refused.value.clauses == ["HB20-2b"]
    applicant.attach("agency_letter")
    applicant.submit()
    actor = newcomer("hb")
    with scope.opened(actor):
        known = Organisation.objects.get(credit_code=world.maker.credit_code)
        permissions = permissions_of(platform_id=actor.platform_id, organisation_ids=[known.id], on=scope.today())
        with pytest.raises(Refused, match="未在本平台登记"):
            permissions.may_sell(known.id)
    assert reviewing._traits("SUPPLIER", typed) == {"is_manufacturer": True, "is_distributor": False}


# --- qualifications -----------------------------------------------------------------------------------------------------


@pytest.fixture
def owner(world):
    return world.actor("maker", Role.SUPPLIER_ADMIN)


def declare(owner, **facts):
    with scope.opened(owner):
        return reviewing.qualification_declare(
            actor=owner, at=scope.now(), name="证.pdf", content=PDF, **{"kind": "production_permit"} | facts
        )


@pytest.mark.clause("JS20-37", on="rule")
def test_a_change_counts_once_it_is_confirmed_and_takes_the_old_ones_place(world, owner, reviewer):
    soon = scope.today() + timedelta(days=10)

    def decide(call, row, **facts):
        with scope.opened(reviewer):
            return call(actor=reviewer, at=scope.now(), qualification_id=row.id, **facts)

    first = declare(owner, valid_until=soon)
    decide(reviewing.qualification_confirm, first)
    with scope.opened(owner):
        assert [q.id for q in queries.expiring(owner, scope.today())] == [first.id]
    renewal = declare(owner, valid_until=soon + timedelta(days=1800), replaces_id=first.id)
    with scope.opened(owner):
        assert not queries.expiring(owner, scope.today()).exists()
        assert Qualification.objects.get(id=first.id).state == "CONFIRMED"
    with pytest.raises(Conflict) as refused:
        declare(owner, replaces_id=first.id)
    assert refused.value.code == "renewal_waits"
    decide(reviewing.qualification_reject, renewal, note="扫描件不清晰")
    again = declare(owner, valid_until=soon + timedelta(days=1800), replaces_id=first.id)
    decide(reviewing.qualification_confirm, again)
    states = {q.id: q.state for q in seen(world, Qualification)}
    assert states == {first.id: "REPLACED", renewal.id: "REJECTED", again.id: "CONFIRMED"}
    with pytest.raises(Conflict):
        declare(owner, replaces_id=first.id)


def test_a_qualification_over_its_term_or_anothers_is_refused(world, owner):
    with pytest.raises(Invalid):
        declare(owner, valid_until=scope.today() - timedelta(days=1))
    with pytest.raises(Invalid):
        declare(owner, kind="passport")
    with pytest.raises(Forbidden):
        declare(world.actor("maker", Role.SUPPLIER_SELLER))
    mine = declare(owner)
    other = world.actor("other_maker", Role.SUPPLIER_ADMIN)
    with pytest.raises(NotThere):
        declare(other, replaces_id=mine.id)
    with scope.opened(other):
        assert not Qualification.objects.exists()
    with scope.opened(owner), pytest.raises(Conflict):
        reviewing.qualification_confirm(actor=owner, at=scope.now(), qualification_id=mine.id)
    assert [q.state for q in seen(world, Qualification)] == ["DECLARED"]
