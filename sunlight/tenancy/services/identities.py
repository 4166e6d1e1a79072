"""Recognising a human being: a new account of somebody known belongs to the same person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Actor
from sunlight.tenancy import identity
from sunlight.tenancy.access import PersonIdentity
from sunlight.tenancy.identity import Identity
from sunlight.tenancy.models import Person
from sunlight.tenancy.queries.identities import identities_named, roles_of_person
from sunlight.tenancy.rules import roles_clash

MIXED = "证件号码与手机号码在平台上登记于两个不同的人。请核对是否填错；确为本人的，请联系平台安全管理员核实后办理。"


def person_known(marks: Iterable[Identity], at: datetime) -> int | None:
    """The person (`Person`) to whom these belong, None for nobody yet. Raises Conflict where they belong to two. Call it
    in the login scope."""
    people = {each.person_id for each in identities_named(marks, at)}
    if len(people) > 1:
        raise Conflict("identity_of_two", MIXED, field="document")
    return next(iter(people), None)


def person_claim(marks: Sequence[Identity], at: datetime) -> int:
    """The person to whom these belong, made where nobody has them; what was not known of them yet is kept. Raises as
    `person_known`. Call it in the login scope."""
    _one_at_a_time()
    known = person_known(marks, at)
    person_id = known or Person.objects.create(created_at=at).pk
    for mark in marks:
        _keep(person_id, mark, at)
    return person_id


def _one_at_a_time() -> None:
    # Two accounts of one human made at the same moment must not become two people.
    scope.alone("tenancy.identity", "all")


def _keep(person_id: int, mark: Identity, at: datetime) -> None:
    """The identity is the person's now, under the first key."""
    name, digest = mark.hashes[0]
    known = [each for _, each in mark.hashes]
    own = list(PersonIdentity.objects.filter(person_id=person_id, kind=mark.kind, digest__in=known).order_by("id"))
    row = next((each for each in own if each.ended_at is None), own[-1] if own else None)
    if row is None:
        PersonIdentity.objects.create(person_id=person_id, kind=mark.kind, digest=digest, key_name=name, since=at)
    elif (row.digest, row.ended_at) != (digest, None):
        row.digest, row.key_name, row.ended_at = digest, name, None
        row.save(update_fields=["digest", "key_name", "ended_at"])


def phone_replace(person_id: int, *, old: str, new: Identity | None, at: datetime) -> None:
    """A person has another phone (or none) from now on. Raises Conflict where it is somebody else's. Call it in the login
    scope."""
    _one_at_a_time()
    phone_free(person_id, new, at)
    before = _phone_or_none(old)
    if before is not None and before != new:
        known = [digest for _, digest in before.hashes]
        PersonIdentity.objects.filter(person_id=person_id, kind=identity.PHONE, digest__in=known, ended_at=None).update(
            ended_at=at
        )
    if new is not None:
        _keep(person_id, new, at)


def phone_free(person_id: int, new: Identity | None, at: datetime) -> None:
    """Raises Conflict where a phone is another person's. Call it in the login scope."""
    if new is not None and {each.person_id for each in identities_named([new], at)} - {person_id}:
        raise Conflict(
            "phone_of_another",
            "该手机号码已登记在另一人名下，不能改为此号码。请填写本人的号码；号码确为本人新办的，请联系平台安全管理员核实。",
            field="phone",
        )


def _phone_or_none(text: str) -> Identity | None:
    try:
        return identity.phone(text)
    except Unreadable:
        return None


def require_together(
    actor: Actor,
    at: datetime,
    person_id: int,
    roles: Iterable[str],
    *,
    organisation_id: int,
    platform_id: int,
    but: int | None = None,
) -> None:
    """Raises Forbidden where a person, with `roles` and what they hold by all their accounts (`but` one membership), would
    hold two roles that do not go together. Call it in the login scope."""
    held = roles_of_person(person_id, organisation_id=organisation_id, platform_id=platform_id, but=but)
    if clash := roles_clash(held | set(roles)):
        basis = scope.basis(actor, at, clash.basis) if clash.basis else ()
        raise Forbidden("roles_apart", clash.message, basis=basis, field="roles")
