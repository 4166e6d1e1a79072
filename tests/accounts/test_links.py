"""Resets and links: nobody enters as another, a link opens once for its owner, and a reset account is held for a day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client

from sunlight import scope
from sunlight.approval.workflows import APPROVAL
from sunlight.journal.refusals import Forbidden, Invalid
from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope import Role
from sunlight.scope.duties import Held, moved
from sunlight.tenancy import profile
from sunlight.tenancy.access import AccountLetter
from sunlight.tenancy.models import Factor
from sunlight.tenancy.services import members
from sunlight.tenancy.services.people import password_change
from tests.accounts.humans import NEW_PASSWORD, OTHER_PHONE, PHONE, actor_named, does, known_by, of, second_of
from tests.browsing import client_of
from tests.confirming import confirmed
from tests.world import PASSWORD

# Resets: to enter as somebody else


def _reset(admin, second, letters, actor, service=members.member_password_reset) -> str:
    confirmed(second, does(admin, service, membership_id=of(actor).pk))
    return letters.link()


def use(code, **typed):
    return Client().post("/account/link/", {"code": code, **typed})


PASSWORDS = {"step": "password", "new": NEW_PASSWORD, "again": NEW_PASSWORD}


def test_an_administrator_alone_does_not_enter_as_the_approver(admin, world, letters):
    """What worked before: reset the approver's password, read the new one on the page, log in, sign."""
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    known_by(approver, phone=PHONE, email="approver@example.org")
    before = of(approver).user.password
    page = client_of(admin).post(f"/members/{of(approver).pk}/password/reset/", follow=True).content.decode()
    assert "等待另一位管理员确认" in page and of(approver).user.password == before
    client = client_of(admin)
    with scope.login_scope():
        change = client.get("/changes/").context["latest"][0]["change"]
    assert client.post(f"/changes/{change.pk}/confirm/").status_code == 403
    # The owner heard of it on every channel, and nothing that opens anything was sent.
    sent = letters.sent()
    assert {each["to"] for each in sent} == {PHONE, "approver@example.org"}
    assert not any("/account/link/" in each["text"] for each in sent)


def test_with_two_the_link_goes_to_the_owner_and_the_account_is_held(admin, second, world, letters, clock):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    known_by(approver, phone=PHONE)
    code = _reset(admin, second, letters, approver)
    assert [each["to"] for each in letters.sent() if code in each["text"]] == [PHONE]
    for actor in (admin, second):
        pages = [f"/members/{of(approver).pk}/", "/changes/", "/members/"]
        assert not any(code in client_of(actor).get(page).content.decode() for page in pages)
    assert use(code, **PASSWORDS).status_code == 200
    held = actor_named(of(approver).user.username)
    assert held.held_until == scope.now() + timedelta(hours=24)
    with pytest.raises(Held, match="2026-06-02 10:00 之前不能"):
        moved(APPROVAL, "PENDING", "approve", held, earlier={"ask": None, "earlier step": None})
    # To withdraw, and to say no to a change of rights, is not held back.
    assert moved(APPROVAL, "PENDING", "withdraw", held) == "WITHDRAWN"
    clock.shift(timedelta(hours=24) - timedelta(seconds=1))
    with pytest.raises(Held):
        moved(APPROVAL, "PENDING", "approve", held, earlier={"ask": None, "earlier step": None})
    clock.shift(timedelta(seconds=1))
    assert moved(APPROVAL, "PENDING", "approve", held, earlier={"ask": None, "earlier step": None}) == "APPROVED"
    texts = [each["text"] for each in letters.sent()]
    assert any("密码已重置" in each and "2026-06-02 10:00" in each for each in texts)


def test_a_held_administrator_confirms_nothing(admin, second, world, letters):
    known_by(second, phone=PHONE)
    third = world.actor("hospital", Role.HOSPITAL_ADMIN, person="third")
    use(_reset(admin, third, letters, second), **PASSWORDS)
    buyer = of(world.actor("hospital", Role.HOSPITAL_BUYER))
    change = does(admin, members.member_roles_set, membership_id=buyer.pk, roles=["HOSPITAL_FINANCE"])
    held = actor_named(of(second).user.username)
    with pytest.raises(Forbidden) as met:
        confirmed(held, change)
    assert met.value.code == "account_held"


def test_a_link_opens_once_for_one_purpose_and_not_for_ever(admin, second, world, letters, clock):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    known_by(approver, phone=PHONE)
    first = _reset(admin, second, letters, approver)
    clock.shift(timedelta(seconds=5))
    latest = _reset(admin, second, letters, approver)
    assert latest != first and use(first).status_code == 422  # replaced
    for guess in (latest[:-1], latest + "A", latest.swapcase(), "A" * 43, "", "\x00" * 43, "' or 1=1 --"):
        assert use(guess, **PASSWORDS).status_code == (200 if guess == "" else 422)
    # A link for the password is none for the factors, and an unfit password leaves it good.
    with scope.login_scope():
        Factor.objects.create(
            user_id=approver.user_id, kind="passkey", identifier="aa", added_at=scope.now(), confirmed_at=scope.now()
        )
    assert "设置登录密码" in use(latest, step="factors", old=PASSWORD).content.decode()
    assert use(latest, **(PASSWORDS | {"again": "something else"})).status_code == 422
    assert use(latest, **(PASSWORDS | {"new": "short", "again": "short"})).status_code == 422
    assert use(latest, **PASSWORDS).status_code == 200
    other = {"new": "yet another password", "again": "yet another password"}
    assert use(latest).status_code == 422 and use(latest, **(PASSWORDS | other)).status_code == 422
    with scope.login_scope():
        assert Factor.objects.filter(user_id=approver.user_id).count() == 1
    late = _reset(admin, second, letters, approver)
    clock.shift(profile.current().link_for - timedelta(seconds=1))
    assert use(late).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert use(late, **PASSWORDS).status_code == 422


def test_no_row_holds_the_secret_of_a_link(admin, second, world, letters):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    known_by(approver, phone=PHONE)
    code = _reset(admin, second, letters, approver)
    with scope.login_scope():
        (letter,) = AccountLetter.objects.exclude(purpose="")
        assert code not in str(vars(letter)) and len(letter.digest) == 64
    with scope.opened(admin), pytest.raises(Exception, match="permission denied"), transaction.atomic():
        connection.cursor().execute("select * from tenancy_accountletter")


def test_a_lost_factor_is_removed_by_the_owner_with_their_password(admin, second, world, letters):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    known_by(approver, phone=PHONE)
    with scope.login_scope():
        Factor.objects.create(
            user_id=approver.user_id, kind="passkey", identifier="aa", added_at=scope.now(), confirmed_at=scope.now()
        )
    code = _reset(admin, second, letters, approver, members.member_factors_reset)
    with scope.login_scope():
        assert Factor.objects.filter(user_id=approver.user_id).count() == 1  # not before the owner uses it
    assert use(code, step="factors", old="wrong password").status_code == 422
    assert use(code, step="factors", old=PASSWORD).status_code == 200
    with scope.login_scope():
        assert not Factor.objects.filter(user_id=approver.user_id).exists()
    assert actor_named(of(approver).user.username).held_until == scope.now() + timedelta(hours=24)


def test_another_phone_is_confirmed_told_on_old_and_new_and_holds_the_account(admin, world, letters):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    known_by(approver, phone=PHONE)
    change = does(approver, members.own_contact_change, phone=OTHER_PHONE, email="new@example.org")
    with pytest.raises(Forbidden):
        confirmed(approver, change)
    assert of(approver).user.phone == PHONE
    confirmed(admin, change)
    told = {each["to"] for each in letters.sent() if "已变更" in each["text"]}
    assert told == {PHONE, OTHER_PHONE, "new@example.org"}
    assert actor_named(of(approver).user.username).held_until == scope.now() + timedelta(hours=24)


def test_knowing_the_old_password_one_changes_it_freely(world, admin):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    does(approver, password_change, old=PASSWORD, new=NEW_PASSWORD)
    assert actor_named(of(approver).user.username).held_until is None


def test_the_platforms_security_administrator_is_not_alone_either(world, keeper, letters):
    settler = world.actor("operator", Role.OPERATOR_SETTLER)
    known_by(settler, phone=PHONE)
    system = replace(second_of(keeper), roles=frozenset({Role.PLATFORM_SYSTEM_ADMIN}))
    change = does(keeper, members.member_password_reset, membership_id=of(settler).pk)
    with pytest.raises(Forbidden):
        confirmed(keeper, change)
    assert not any("/account/link/" in each["text"] for each in letters.sent())
    confirmed(system, change)
    assert use(letters.link(), **PASSWORDS).status_code == 200
    assert actor_named(of(settler).user.username).held_until is not None
    # Every role of an operator is given by two.
    support = world.actor("operator", Role.OPERATOR_REVIEWER)
    change = does(keeper, members.member_roles_set, membership_id=of(support).pk, roles=["OPERATOR_SETTLER"])
    assert of(support).roles == ["OPERATOR_REVIEWER"] and change is not None


def test_an_account_without_phone_or_mail_is_not_reset_through_another(admin, world):
    approver = world.actor("hospital", Role.HOSPITAL_APPROVER)
    with pytest.raises(Invalid, match="没有登记手机或邮箱"):
        does(admin, members.member_password_reset, membership_id=of(approver).pk)


class Two(States):
    OPEN = "OPEN", "开着"
    DONE = "DONE", "完成"


def test_only_moves_in_person_are_held(admin):
    """The frame itself: the same move with and without the mark, a second before and at the end."""
    held = replace(admin, held_until=scope.now() + timedelta(seconds=1))
    for in_person in (True, False):
        move = Move("end", {Two.OPEN}, Two.DONE, by={Role.HOSPITAL_ADMIN}, in_person=in_person, words="了结")
        machine = Machine("two", Two.OPEN, (move,))
        if in_person:
            with pytest.raises(Held, match="不能“了结”"):
                moved(machine, Two.OPEN, "end", held)
        else:
            assert moved(machine, Two.OPEN, "end", held) == Two.DONE
        assert moved(machine, Two.OPEN, "end", replace(held, held_until=scope.now())) == Two.DONE
