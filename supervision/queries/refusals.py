"""Which refused acts somebody may read: not more of them than of what they were about."""

import re

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Q, QuerySet, Value

from sunlight.journal.declared import SUBJECTS
from sunlight.journal.models import Refusal
from sunlight.scope import Actor, Role, authorities
from sunlight.scope.fields import done_by
from sunlight.scope.readers import READERS, may_read
from sunlight.tenancy.models import Organisation

# Whoever checks the record itself sees all of it.
AUDITING = (Role.PLATFORM_AUDIT_ADMIN, Role.SYSTEM)


def readable(actor: Actor) -> Q:
    """The refused acts that the actor's roles and part let it read, wherever the wall shows them: its own, those of who
    held no other roles than its own, and those about what it may read. A refusal that names no row is about what its
    service is named after."""
    part = authorities.part_of(actor)
    mine = Q(actor_roles__contained_by=_roles(actor)) if part is None else Q(pk__in=[])
    if actor.acting is not None:
        mine |= done_by(actor, "actor")
    if actor.has(*AUDITING) or (part is not None and authorities.ALL in part.nouns):
        mine = Q()
    else:
        mine |= _about(actor)
    return mine & _of_its_kinds(actor)


def _roles(actor: Actor) -> Value:
    roles = sorted(str(role) for role in actor.roles)
    return Value(roles, output_field=ArrayField(CharField(max_length=40)))


def _about(actor: Actor) -> Q:
    nouns = {noun for noun in READERS if may_read(actor, noun)}
    subjects = [each.name for each in SUBJECTS.values() if each.noun in nouns]
    faces = sorted({face for noun in nouns for face in READERS[noun].faces if face.isidentifier()})
    named = Q(service__regex=rf"^({'|'.join(map(re.escape, faces))})_") if faces else Q(pk__in=[])
    return Q(subject_type__in=subjects) | Q(subject_type="") & named


def _of_its_kinds(actor: Actor) -> Q:
    kinds = authorities.kinds_of(actor)
    if kinds is None:
        return Q()
    return Q(actor_organisation_id__in=Organisation.objects.filter(kind__in=kinds).values("id"))


def refusals_visible_to(actor: Actor) -> QuerySet:
    """Refused acts, newest first: a party's own, a platform's all, as far as the actor may read what they were about."""
    rows = Refusal.objects.order_by("-id").filter(readable(actor))
    return (
        rows.filter(platform_id=actor.platform_id, actor_organisation_id=actor.organisation_id)
        if actor.is_party
        else rows.filter(platform_id__in=actor.platform_ids)
    )
