"""What a mandate lets a machine pay, and what it never does; rights are no machine's."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy import profile
from sunlight.tenancy.models import ApiToken, MachineDuty, Mandate, MandateUse, Membership, User
from sunlight.tenancy.queries.machines import mandate_shown
from sunlight.tenancy.services import machines, mandates
from tests.api_client import ApiClient, logged_in
from tests.factories.settlement import funded, owed
from tests.machines import client_made, mandate, token_of
from tests.settlement.paying import (
    ADMIN,
    BUYER,
    FEN,
    FINANCE,
    RECEIVER,
    answered,
    approve,
    client_actor,
    do,
    machine,
    membership,
    person,
    prepare,
    refused,
    state_of,
)


def duty_of(world, client, role):
    with scope.opened(world.system):
        return MachineDuty.objects.exclude(state="ENDED").get(client=client, role=role).pk


def test_a_machine_approves_under_a_mandate_that_the_paper_shows(world, owes):
    run = prepare(world.actor("hospital", FINANCE), owes)
    pays = machine(world, FINANCE)
    given = mandate(world, pays, "payment_run", "approve", act=FEN, day=2 * FEN)
    done = approve(pays, run)
    assert (done.state, done.decided_by.mandate_id) == ("APPROVED", given.pk)
    assert done.decided_by.for_person_id == pays.for_person_id
    with scope.opened(world.system):
        event = Event.objects.get(name="run_approved")
        assert (event.actor_mandate_id, event.actor_for_person_id) == (given.pk, pays.for_person_id)
        use = MandateUse.objects.get()
        assert (use.amount_fen, use.subject_type, use.subject_id) == (FEN, "payment_run", run.id)
    page = logged_in(world.actor("hospital", FINANCE)).get(f"/settlement/runs/{run.id}/").content.decode()
    said = "依授权书 1 办理：由 授权人、确认人 授予，单笔上限 1,250.00 元，每日上限 2,500.00 元"
    assert said in page
    # A stranger to the mandate reads that there is one, and no more.
    with scope.opened(world.actor("maker", Role.SUPPLIER_SELLER)):
        assert mandate_shown(given.pk) is None


def test_mandates_on_the_page_and_over_the_api(world, given):
    pays, giver, made = given
    admin = world.actor("hospital", ADMIN)
    page, api = logged_in(admin), ApiClient(world, "hospital", ADMIN, person=True)
    shown = page.get("/mandates/").content.decode()
    assert "确认授权" in shown and "5,000.00" in shown and "复核付款批次" in shown
    assert "提出授权书" in logged_in(giver).get("/mandates/").content.decode()
    status, listed = api.get("/api/v1/mandates/")
    assert (status, listed["results"][0]["per_act_fen"], listed["results"][0]["state"]) == (200, 500_000, "GIVEN")
    assert api.post(f"/api/v1/mandates/{made.pk}/confirm/", {})[1]["state"] == "IN_FORCE"
    assert page.post(f"/mandates/{made.pk}/", {"act": "end", "reason": ""}).status_code == 422
    assert page.post(f"/mandates/{made.pk}/", {"act": "end", "reason": "停用"}).status_code == 302
    assert "停用" in page.get("/mandates/").content.decode()
    duties = ApiClient(world, "hospital", ADMIN, person=True).get("/api/v1/machine-duties/")[1]["results"]
    assert [(each["role"], each["state"], each["counts"]) for each in duties] == [(str(FINANCE), "CONFIRMED", True)]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("mandate_per_act", {"act": FEN - 1}),
        ("mandate_per_day", {"act": FEN, "day": FEN}),
        ("mandate_over", {"from_date": -10, "to_date": -1}),
        ("mandate_over", {"from_date": 1, "to_date": 10}),
        ("in_person", {"state": "GIVEN"}),
        ("in_person", {"state": "ENDED"}),
        ("in_person", {"move": "reject"}),
    ],
)
def test_a_mandate_covers_no_more_than_it_says(world, code, change):
    funded(world, 10 * FEN)
    first, second = (prepare(world.actor("hospital", FINANCE), owed(world)) for _ in range(2))
    pays, today = machine(world, FINANCE), business_date(scope.now())
    days = {key: today + timedelta(days=change.pop(key)) for key in ("from_date", "to_date") if key in change}
    mandate(world, pays, "payment_run", change.pop("move", "approve"), **change, **days)
    if code == "mandate_per_day":
        approve(pays, first)
    refused(pays, second, code)
    assert state_of(world, second) == "PREPARED"
    with scope.opened(world.system):
        assert MandateUse.objects.count() == (code == "mandate_per_day")


@pytest.mark.parametrize("who", ["giver", "confirmer"])
@pytest.mark.parametrize("how", ["leaves", "role"])
def test_a_mandate_ends_with_either_of_those_who_gave_it(world, owes, who, how):
    run = prepare(world.actor("hospital", FINANCE), owes)
    pays = machine(world, FINANCE)
    given = mandate(world, pays, "payment_run", "approve")
    gone = {"is_active": False} if how == "leaves" else {"roles": ["HOSPITAL_AUDITOR"]}
    with scope.opened(world.system):
        Membership.objects.filter(pk=getattr(given, f"{who}_id")).update(**gone)
    # Gone at the next call; even a call already under way is refused.
    refused(pays, run, "mandate_void")


def test_a_mandate_is_no_way_round_four_eyes(world, owes):
    """Whoever answers for the machine, or gave or confirmed its mandate, prepared the run."""
    pays = machine(world, FINANCE)
    given = mandate(world, pays, "payment_run", "approve")
    with scope.opened(world.system):
        Membership.objects.filter(pk=given.confirmer_id).update(roles=[str(ADMIN), str(FINANCE)])
    for number in (given.giver_id, given.confirmer_id):
        run = prepare(person(number), owed(world))
        refused(pays, run, "four_eyes")


def asked(world, pays, giver, **more):
    with scope.opened(world.system):
        duty = MachineDuty.objects.get(**{f"{pays.principal.kind}_id": pays.principal.id}).pk
    today = business_date(scope.now())
    facts = {
        "duty_id": duty,
        "machine": "payment_run",
        "move": "approve",
        "per_act": "5000",
        "per_day": "20000",
        "from_date": today,
        "to_date": today + timedelta(days=90),
    }
    return do(giver, mandates.mandate_give, **facts | more)


@pytest.fixture
def given(world):
    """A token that a person of finance answers for, and the mandate that this person gave it."""
    giver = world.actor("hospital", FINANCE, ADMIN, person="gives")
    secret = token_of(world.system, world.hospital, world.platform, FINANCE, answered=False)
    pays = answered(world, secret, FINANCE, membership(world, giver))
    return pays, giver, asked(world, pays, giver)


@pytest.mark.duty("mandate", "confirm", "give")
def test_one_giver_twice_gives_nothing(world, given, owes):
    pays, giver, made = given
    other_account = world.actor("hospital", ADMIN, person="again")
    with scope.login_scope():
        User.objects.filter(pk=other_account.user_id).update(person_id=giver.for_person_id)
    other_account = person(membership(world, other_account).pk)
    for who in (giver, other_account):
        with pytest.raises(Forbidden) as barred:
            do(who, mandates.mandate_confirm, mandate_id=made.pk)
        assert barred.value.code == "mandate_own"
    run = prepare(world.actor("hospital", FINANCE), owes)
    refused(pays, run, "in_person")
    do(world.actor("hospital", ADMIN), mandates.mandate_confirm, mandate_id=made.pk)
    assert approve(pays, run).state == "APPROVED"


@pytest.mark.duty("mandate", "confirm", "make")
def test_whoever_knows_the_secret_confirms_no_mandate_of_it(world):
    admin = world.actor("hospital", ADMIN)
    client = client_made(world, admin, FINANCE)
    pays = client_actor(client, FINANCE)
    with scope.opened(world.system):
        duty = MachineDuty.objects.get(client=client[0])
    giver = person(duty.membership_id)
    made = asked(world, pays, giver)
    with pytest.raises(Forbidden) as barred:
        do(admin, mandates.mandate_confirm, mandate_id=made.pk)
    assert barred.value.code == "mandate_maker"
    done = do(world.actor("hospital", ADMIN, person="second"), mandates.mandate_confirm, mandate_id=made.pk)
    assert (done.state, done.number, done.confirmer_role) == ("IN_FORCE", 1, "HOSPITAL_ADMIN")
    do(admin, mandates.mandate_end, mandate_id=made.pk, reason="不再使用")
    with scope.opened(world.system):
        assert Mandate.objects.get().state == "ENDED"
        names = list(Event.objects.filter(subject_type="mandate").order_by("id").values_list("name", flat=True))
    assert names == ["mandate_given", "mandate_confirmed", "mandate_ended"]


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("move", "reject", "mandate_move"),
        ("machine", "access_change", "mandate_move"),
        ("machine", "mandate", "mandate_move"),
        ("machine", "contract", "mandate_move"),
        ("per_act", "0", "mandate_amount"),
        ("per_act", "1e3", "mandate_amount"),
        ("per_day", "4999.99", "mandate_amount"),
        ("to_date", "2020-01-01", "mandate_dates"),
        ("to_date", "2099-01-01", "mandate_dates"),
        ("to_date", "soon", None),
    ],
)
def test_a_mandate_for_rights_or_without_bounds_is_refused(world, given, field, typed, code):
    pays, giver, _ = given
    more = {field: typed}
    if typed in ("access_change", "mandate"):
        more["move"] = "confirm"
    if typed == "contract":
        more["move"] = "sign_buyer"
    with pytest.raises(Invalid) as refusal:
        asked(world, pays, giver, **more)
    assert code in (None, refusal.value.code)


def test_only_who_answers_gives_a_mandate_and_no_machine_does(world, given):
    pays, giver, made = given
    for who in (world.actor("hospital", FINANCE), world.actor("hospital", ADMIN)):
        with pytest.raises(Forbidden):
            asked(world, pays, who)
    robot = replace(pays, roles=frozenset({FINANCE, ADMIN}))
    for call in (
        lambda: asked(world, pays, robot),
        lambda: do(robot, mandates.mandate_confirm, mandate_id=made.pk),
        lambda: do(robot, mandates.mandate_end, mandate_id=made.pk, reason="x"),
    ):
        with pytest.raises(Forbidden) as refusal:
            call()
        assert refusal.value.code == "people_only"


# ---- rights are no machine's ----


def test_a_machine_gives_nobody_roles(world):
    """m3: a client with the administrator's scope, and what it did."""
    admin = world.actor("hospital", ADMIN)
    with pytest.raises(Invalid) as refusal:
        client_made(world, admin, ADMIN)
    assert refusal.value.code == "client_scopes"
    with pytest.raises(Invalid):
        token_of(world.system, world.hospital, world.platform, ADMIN)
    m3 = ApiClient(world, "hospital", FINANCE, BUYER)
    number = membership(world, admin).pk
    for path, body in (
        ("members/", {"username": "eve", "name": "无中生有", "roles": [str(FINANCE)], "password": "x" * 16}),
        (f"members/{number}/roles/", {"roles": [str(each) for each in (BUYER, FINANCE, RECEIVER, ADMIN)]}),
        (f"members/{number}/state/", {"is_active": False}),
    ):
        assert m3.post(f"/api/v1/{path}", body)[0] in (403, 404)
    assert membership(world, admin).roles == [str(ADMIN)]


def test_the_database_holds_no_administrators_machine(world):
    token_of(world.system, world.hospital, world.platform, FINANCE)
    broken = pytest.raises(IntegrityError, match="a_token_is_no_administrator")
    with scope.opened(world.system), broken, transaction.atomic():
        ApiToken.objects.update(roles=["HOSPITAL_FINANCE", "HOSPITAL_ADMIN"])


def test_nobody_confirms_to_answer_for_another(world, monkeypatch):
    admin = world.actor("hospital", ADMIN)
    client, _ = client_made(world, admin, FINANCE, answered=False)
    duty = duty_of(world, client, FINANCE)
    for who in (admin, world.actor("hospital", FINANCE)):
        with pytest.raises(Forbidden) as refusal:
            do(who, machines.machine_duty_confirm, duty_id=duty)
        assert refusal.value.code == "machine_duty_not_yours"
    with scope.opened(world.system):
        mine = person(MachineDuty.objects.get(pk=duty).membership_id)
    assert do(mine, machines.machine_duty_confirm, duty_id=duty).state == "CONFIRMED"
    # Where the profile knows second factors, one must be there to confirm with.
    monkeypatch.setattr(profile, "current", lambda: profile.PROFILES["standard"])
    do(
        admin,
        machines.machine_duty_ask,
        role=str(FINANCE),
        membership_id=membership(world, mine).pk,
        client_id=client.pk,
    )
    with pytest.raises(Forbidden) as refusal:
        do(mine, machines.machine_duty_confirm, duty_id=duty_of(world, client, FINANCE))
    assert refusal.value.code == "machine_duty_factor"
