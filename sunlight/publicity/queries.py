"""Reading publications, for everybody, and objections, for the operator and for whoever made them."""

import hashlib
import hmac
from datetime import date

from django.db.models import Count, Q, QuerySet

from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.publicity.models import Objection, Publication
from sunlight.publicity.workflows import OBJECTION, ObjectionState, PublicationState
from sunlight.scope import Actor
from sunlight.scope.fields import done_by

WAITING = Q(objections__state=ObjectionState.RECEIVED)


def published(platform_id: int, *, text: str = "", running: bool = False) -> QuerySet:
    """What is and was published on a platform, the newest first, withdrawn ones left out; the same for everybody."""
    rows = Publication.objects.filter(platform_id=platform_id).exclude(state=PublicationState.WITHDRAWN)
    if running:
        rows = rows.filter(state__in=[PublicationState.OPEN, PublicationState.JUDGING])
    for word in text.split():
        rows = rows.filter(Q(title__icontains=word) | Q(body__icontains=word) | Q(number=word))
    return rows.select_related("party").order_by("-id")


def access_publication(number: str) -> Publication:
    """One publication by its number, for everybody. Raises NotThere, for a withdrawn one too."""
    row = Publication.objects.select_related("party", "platform__region").filter(number=number).first()
    if row is None or row.state == PublicationState.WITHDRAWN:
        raise NotThere("这项公示")
    return row


def accepts_objections(publication: Publication, today: date) -> bool:
    """Whether an objection may still be lodged: until 24:00 of the last day."""
    return publication.state == PublicationState.OPEN and today <= publication.ends_on


def publications_visible_to(actor: Actor) -> QuerySet:
    """Publications of the actor's platforms with the objections to each and those that wait, the newest first; for the
    operator's desk and for regulators."""
    return (
        Publication.objects.filter(platform_id__in=actor.platform_ids)
        .select_related("party")
        .annotate(objected=Count("objections"), waiting=Count("objections", filter=WAITING))
        .order_by("-id")
    )


def publication_at_desk(actor: Actor, publication_id: int) -> Publication:
    """One publication as the desk sees it. Raises NotThere, for parties always."""
    row = None if actor.is_party else publications_visible_to(actor).filter(id=publication_id).first()
    if row is None:
        raise NotThere("这项公示")
    return row


def objections_to(publication: Publication) -> QuerySet:
    """Objections with their evidence's name, in order of time; the wall shows them to the platform's people alone."""
    return (
        Objection.objects.filter(publication=publication)
        .select_related("evidence")
        .defer("evidence__content")
        .order_by("id")
    )


def objections_to_answer(actor: Actor) -> QuerySet:
    """Objections that wait for an answer and that this person may give: not to what they published themselves."""
    return Objection.objects.filter(platform_id=actor.platform_id, state=ObjectionState.RECEIVED).exclude(
        done_by(actor, "published_by", path="publication__")
    )


@file_use("publication", *OBJECTION.move("dismiss").by)
def evidence_files(actor: Actor, publication_id: int) -> set[int]:
    """What the objectors to a publication sent as evidence. Raises NotThere."""
    rows = objections_to(publication_at_desk(actor, publication_id)).filter(evidence__isnull=False)
    return set(rows.values_list("evidence_id", flat=True))


def access_objection(actor: Actor, objection_id: int) -> Objection:
    """One objection at the desk. Raises NotThere, for parties always."""
    if actor.is_party:
        raise NotThere("这条异议")
    row = (
        Objection.objects.select_related("publication", "evidence")
        .filter(platform_id__in=actor.platform_ids, id=objection_id)
        .first()
    )
    if row is None:
        raise NotThere("这条异议")
    return row


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.strip().encode()).hexdigest()


def followed(number: str, secret: str) -> Objection:
    """An objection by number and secret, to be called in a scope that may see it. A wrong secret and an unknown number
    get the same answer. Raises NotThere."""
    row = Objection.objects.select_related("publication").filter(number=number.strip()).first()
    kept = row.secret_sha256 if row else "0" * 64
    if not hmac.compare_digest(kept, secret_hash(secret)) or row is None:
        raise NotThere("这条异议（请核对异议编号与查询码）")
    return row


def under_publicity(subject_type: str, subject_id: int) -> Publication | None:
    """The running publication of a row, if there is one: what waits on it waits."""
    return Publication.objects.filter(
        subject_type=subject_type,
        subject_id=subject_id,
        state__in=[PublicationState.OPEN, PublicationState.JUDGING],
    ).first()
