"""People of an organisation, what tells who they are, and how one of them does something."""

from dataclasses import replace

import pytest

from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.tenancy import identity
from sunlight.tenancy.access import PersonIdentity
from sunlight.tenancy.models import Membership, User
from sunlight.tenancy.queries.actors import actor_of_membership
from sunlight.tenancy.services import members
from tests.confirming import confirmed
from tests.world import CLIENT

PHONE, OTHER_PHONE, DOCUMENT = "13900000001", "13900000002", "11010119900307109X"
NEW_PASSWORD = "quite another one"


def does(actor, service, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), **facts)


def code_of(actor, service, **facts) -> str:
    with pytest.raises(Refused) as met:
        does(actor, service, **facts)
    return met.value.code


def of(actor) -> Membership:
    with scope.login_scope():
        return Membership.objects.select_related("user").get(user_id=actor.user_id)


def known_by(actor, *, phone="", document="", email="") -> None:
    """The account of `actor` has this phone, and its person these marks."""
    with scope.login_scope():
        user = User.objects.get(pk=actor.user_id)
        user.phone, user.email = phone, email
        user.save(update_fields=["phone", "email"])
        for mark in filter(None, (identity.phone(phone), identity.document(document))):
            name, digest = mark.hashes[0]
            PersonIdentity.objects.create(
                person_id=user.person_id, kind=mark.kind, digest=digest, key_name=name, since=scope.now()
            )


def added(admin, second, username, roles, **who):
    change = does(admin, members.member_add, username=username, name="某人", roles=roles, **who)
    confirmed(second, change)
    return actor_named(username)


def actor_named(username):
    with scope.login_scope():
        rows = Membership.objects.select_related("organisation__region", "platform__region", "user")
        return actor_of_membership(rows.get(user__username=username), CLIENT)


def second_of(actor):
    """A further administrator, to confirm what `actor` asks for where the first may not."""
    return replace(actor, principal=replace(actor.principal, id=10**9), for_person_id=10**9)
