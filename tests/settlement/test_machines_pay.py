"""Nobody pays alone through machines: who answers for them, and who made them."""

from dataclasses import replace

import pytest

from sunlight import scope
from sunlight.journal.refusals import Forbidden
from sunlight.scope.actor import Undecided
from sunlight.tenancy.models import MachineDuty, Membership, User
from sunlight.tenancy.services import machines, oauth
from tests.factories.settlement import funded, owed
from tests.machines import actor_of, answer, client_made, mandate, token_of
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


def test_two_clients_of_one_administrator_pay_nothing(world, owes):
    """The attack: an administrator without any finance role made two clients; one prepared, the other approved."""
    admin = world.actor("hospital", ADMIN)
    # Nobody answers: they may do nothing at all.
    silent = client_made(world, admin, FINANCE, name="m0", answered=False)
    assert client_actor(silent).roles == set()
    first = client_actor(client_made(world, admin, FINANCE, name="m1"), FINANCE)
    second = client_actor(client_made(world, admin, FINANCE, name="m2"), FINANCE)
    assert first.for_person_id != second.for_person_id
    run = prepare(first, owes)
    # Without a mandate no machine ends anything for good; with one, both were made by the same human being.
    assert refused(second, run, "four_eyes")
    mandate(world, second, "payment_run", "approve")
    refused(second, run, "four_eyes")
    # Neither does the maker in person, given the role.
    maker = replace(admin, roles=frozenset({FINANCE}))
    refused(maker, run, "four_eyes")
    assert state_of(world, run) == "PREPARED"
    assert approve(world.actor("hospital", FINANCE), run).state == "APPROVED"


def test_a_machine_without_a_mandate_ends_nothing(world, owes):
    run = prepare(world.actor("hospital", FINANCE), owes)
    refusal = refused(machine(world, FINANCE), run, "in_person")
    assert "须由本人登录并再次验证后办理，接口不能代办" in refusal.message
    assert state_of(world, run) == "PREPARED"


def test_a_maker_approves_nothing_of_their_client_and_the_client_nothing_of_theirs(world, owes):
    admin = world.actor("hospital", ADMIN, FINANCE)
    client = client_made(world, admin, FINANCE)
    acting = client_actor(client, FINANCE)
    mandate(world, acting, "payment_run", "approve")
    run = prepare(acting, owes)
    refused(admin, run, "four_eyes")
    # Neither does whoever took a secret of it later.
    second = world.actor("hospital", ADMIN, FINANCE, person="rotates")
    do(second, oauth.oauth_client_rotate, client_pk=client[0].pk)
    refused(second, run, "four_eyes")
    own = owed(world)
    funded(world, FEN)
    theirs = prepare(second, own)
    refused(client_actor(client, FINANCE), theirs, "four_eyes")


def test_one_human_answers_for_preparing_and_approving_in_vain(world, owes):
    """Two tokens, one person answering for both; and the same person in their own name."""
    human = world.actor("hospital", FINANCE)
    tokens = [token_of(world.system, world.hospital, world.platform, FINANCE, answered=False, name=n) for n in "ab"]
    first, second = (answered(world, secret, FINANCE, membership(world, human)) for secret in tokens)
    mandate(world, second, "payment_run", "approve")
    run = prepare(first, owes)
    assert run.prepared_by.for_person_id == human.for_person_id
    refused(second, run, "four_eyes")
    refused(human, run, "four_eyes")


def test_a_second_account_of_one_human_is_one_human(world, owes):
    first, second = world.actor("hospital", FINANCE), world.actor("hospital", FINANCE, person="second")
    with scope.login_scope():
        User.objects.filter(pk=second.user_id).update(person_id=first.for_person_id)
    second = person(membership(world, second).pk)
    run = prepare(first, owes)
    refused(second, run, "four_eyes")


def test_a_part_of_a_client_ends_with_the_person_or_the_role(world):
    admin = world.actor("hospital", ADMIN)
    client, secret = client_made(world, admin, BUYER, FINANCE)
    with scope.login_scope():
        token, _ = oauth.oauth_token_issue(client_id=client.client_id, secret=secret, wanted="", at=scope.now())
    assert actor_of(token).roles == {BUYER, FINANCE}
    with scope.opened(world.system):
        duty = MachineDuty.objects.get(client=client, role=FINANCE)
        rows = Membership.objects.filter(pk=duty.membership_id)
        rows.update(roles=["HOSPITAL_AUDITOR"])
        assert actor_of(token).roles == {BUYER}
        rows.update(roles=[str(FINANCE)], is_active=False)
        assert actor_of(token).roles == {BUYER}
        rows.update(is_active=True)
    assert actor_of(token).roles == {BUYER, FINANCE}
    with scope.login_scope():
        who = User.objects.filter(pk=membership_user(duty))
        who.update(is_active=False)
    assert actor_of(token).roles == {BUYER}
    do(admin, machines.machine_duty_end, duty_id=duty_of(world, client, BUYER))
    assert actor_of(token).roles == set()


def membership_user(duty):
    return Membership.objects.get(pk=duty.membership_id).user_id


def duty_of(world, client, role):
    with scope.opened(world.system):
        return MachineDuty.objects.exclude(state="ENDED").get(client=client, role=role).pk


def test_one_connector_keeps_its_duties_apart(world):
    """One account for everything: what it does is the act of whoever answers for the role it is done in."""
    admin = world.actor("hospital", ADMIN)
    client, secret = client_made(world, admin, BUYER, RECEIVER, FINANCE)
    with scope.login_scope():
        token, _ = oauth.oauth_token_issue(client_id=client.client_id, secret=secret, wanted="", at=scope.now())
    whole = actor_of(token)
    with pytest.raises(Undecided):
        scope.by(whole, "placed")
    people = {role: actor_of(token, role).for_person_id for role in (BUYER, RECEIVER, FINANCE)}
    assert len(set(people.values())) == 3
    payable = owed(world, accepted_by=actor_of(token, RECEIVER))
    run = prepare(actor_of(token, FINANCE), payable)
    assert run.prepared_by.for_person_id == people[FINANCE]
    # Where one person answers for both, the duties are no longer apart: whoever received pays for nothing of it.
    received = replace(actor_of(token, RECEIVER), for_person_id=people[FINANCE])
    other = owed(world, accepted_by=received)
    with pytest.raises(Forbidden) as barred:
        prepare(actor_of(token, FINANCE), other)
    assert barred.value.code == "accept_and_pay"


def test_the_connector_itself_approves_nothing_it_prepared(world, owes):
    """Whoever knows the one secret could have done both, whoever answers by then."""
    made = client_made(world, world.actor("hospital", ADMIN), FINANCE)
    acting = client_actor(made, FINANCE)
    run = prepare(acting, owes)
    with scope.opened(world.system):
        MachineDuty.objects.update(state="ENDED")
    answer(world.system, made[0], FINANCE)
    again = client_actor(made, FINANCE)
    assert again.for_person_id not in (None, acting.for_person_id)
    mandate(world, again, "payment_run", "approve")
    refused(again, run, "four_eyes")
