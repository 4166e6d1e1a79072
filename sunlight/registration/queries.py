"""Reading applications and qualifications: for whoever holds an application's link, for the review desk, for their
owner."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from sunlight import scope
from sunlight.files.models import StoredFile
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.kernel.masking import tail_of
from sunlight.kernel.rule import Decision
from sunlight.registration.declarations import commitment_of, faults_of
from sunlight.registration.models import Qualification, RegistrationApplication, RegistrationDocument
from sunlight.registration.workflows import REGISTRATION, QualificationState, RegistrationState
from sunlight.scope import Actor, Client, Role
from sunlight.scope.authorities import kinds_of
from sunlight.scope.readers import REGULATORS
from sunlight.tenancy.models import Organisation, Platform, Region, Registration
from sunlight.tenancy.queries.actors import system_actor
from sunlight.tenancy.queries.platforms import open_platforms
from sunlight.tenancy.readers import PAYEE_ACCOUNTS
from sunlight.tenancy.rules import DOCUMENTS, Shown, documents_asked, registration_check

_WHAT = "这份登记申请。请核对申请编号与密钥"


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def applicant_actor(platform: Platform, number: str, client: Client) -> Actor:
    """Who holds an application's link: the platform itself, on the applicant's behalf, and on no other platform."""
    actor = system_actor(platform, client)
    return replace(actor, user_name="登记申请人", on_behalf_of=f"applicant:{number}")


def newcomer_actor(platform_code: str, client: Client) -> Actor:
    """Who begins an application on a platform. Raises NotThere for a platform that is unknown or shut."""
    platform = next((each for each in open_platforms() if each.code == platform_code), None)
    if platform is None:
        raise NotThere("这个平台")
    return applicant_actor(platform, "new", client)


def application_by_link(number: str, secret: str, *, client: Client) -> tuple[RegistrationApplication, Actor]:
    """The application of a number for whoever knows its secret, and the actor to continue as. Raises NotThere, in the
    same words for an unknown number and a wrong secret."""
    platforms = open_platforms()
    looking = Actor(
        kind=None, platform_id=None, roles=frozenset({Role.SYSTEM}), platform_ids=tuple(p.id for p in platforms)
    )
    with scope.opened(looking):
        found = (
            RegistrationApplication.objects.select_related("platform__region", "organisation")
            .filter(number=number.replace("\x00", "")[:20])
            .first()
        )
    kept = found.secret_hash if found else "0" * 64
    if not hmac.compare_digest(kept.encode(), secret_hash(secret).encode()) or found is None:
        raise NotThere(_WHAT)
    return found, applicant_actor(found.platform, found.number, client)


def is_open(application: RegistrationApplication) -> bool:
    """Whether its applicant has still something to do or to wait for."""
    ended = {RegistrationState.REFUSED, RegistrationState.WITHDRAWN}
    return application.state not in ended and application.activated_at is None


def applicant_view(number: str, secret: str, *, client: Client, on: date) -> tuple["ApplicationView", Actor]:
    """The applicant's page, for whoever holds its link. Raises NotThere as `application_by_link`."""
    found, actor = application_by_link(number, secret, client=client)
    with scope.elevated(actor):
        return application_view(actor, found, on), actor


def applicant_document(number: str, secret: str, document_id: int, *, client: Client) -> StoredFile:
    """One attached file with its content, for whoever holds the application's link. Raises NotThere."""
    application, actor = application_by_link(number, secret, client=client)
    with scope.elevated(actor):
        rows = RegistrationDocument.objects.select_related("file")
        found = rows.filter(id=document_id, application=application, removed_at=None).first()
    if found is None:
        raise NotThere("这份材料")
    return found.file


def applications_visible_to(actor: Actor, state: str = "") -> QuerySet:
    """What has been submitted to the actor's platforms, newest first; drafts are the applicant's alone."""
    rows = RegistrationApplication.objects.select_related("platform", "organisation")
    if actor.is_party or not actor.is_authenticated:
        return rows.none()
    rows = rows.filter(platform_id__in=actor.platform_ids, submitted_at__isnull=False)
    if (kinds := kinds_of(actor)) is not None:
        rows = rows.filter(kind__in=kinds)
    return (rows.filter(state=state) if state in RegistrationState.values() else rows).order_by("-id")


def access_application(actor: Actor, application_id: int) -> RegistrationApplication:
    """One submitted application. Raises NotThere."""
    found = applications_visible_to(actor).select_related("platform__region").filter(id=application_id).first()
    if found is None:
        raise NotThere("这份登记申请")
    return found


def lock_application(actor: Actor, application_id: int) -> RegistrationApplication:
    """One application of the actor's platforms, locked. Raises NotThere, to every party too."""
    if actor.is_party and not actor.on_behalf_of:
        raise NotThere("这份登记申请")
    found = (
        RegistrationApplication.objects.select_for_update(of=("self",))
        .select_related("platform__region")
        .filter(id=application_id, platform_id__in=actor.platform_ids)
        .first()
    )
    if found is None:
        raise NotThere("这份登记申请")
    return found


def documents_of(application: RegistrationApplication) -> list[RegistrationDocument]:
    """What is attached now, without the files' content, in the order of the form."""
    rows = RegistrationDocument.objects.select_related("file").defer("file__content")
    order = list(DOCUMENTS)
    return sorted(rows.filter(application=application, removed_at=None), key=lambda d: (order.index(d.kind), d.id))


@file_use("registration", Role.OPERATOR_REVIEWER, *REGULATORS)
def application_files(actor: Actor, application_id: int) -> set[int]:
    """The files attached to a submitted application. Raises NotThere."""
    rows = RegistrationDocument.objects.filter(application=access_application(actor, application_id))
    return set(rows.values_list("file_id", flat=True))


@file_use("qualification", Role.OPERATOR_REVIEWER, *REGULATORS)
def qualification_files(actor: Actor, qualification_id: int) -> set[int]:
    """The file of a licence or permit. Raises NotThere."""
    return {access_qualification(actor, qualification_id).file_id}


def declared_to(actor: Actor, application: RegistrationApplication) -> dict[str, Any]:
    """What is declared, as the actor may read it: the bank account's number whole, or its end alone."""
    declared = application.declared
    if "account_number" not in declared or PAYEE_ACCOUNTS.admits(actor):
        return declared
    return declared | {"account_number": tail_of(str(declared["account_number"]))}


def is_registered(platform_id: int, credit_code: str) -> bool:
    return Registration.objects.filter(platform_id=platform_id, organisation__credit_code=credit_code).exists()


def regions_offered() -> list[Region]:
    return list(Region.objects.order_by("code"))


def judged(
    application: RegistrationApplication, documents, *, on: date, drafts: str, committed: bool
) -> Decision | None:
    """What the law of the platform's region says of a supplier's qualifications on a day (HB20-2b, JS20-34); None for a
    hospital, of which it asks none here."""
    if application.kind != "SUPPLIER":
        return None
    return registration_check(
        scope.policy().law(region=application.platform.region.code, on=on, drafts=drafts),
        capacities=tuple(application.declared.get("capacities", ())),
        documents=tuple(Shown(d.kind, d.valid_until) for d in documents),
        commitment=committed,
    )


def asked_of(application: RegistrationApplication) -> list[str]:
    return documents_asked(
        is_hospital=application.kind == "HOSPITAL", capacities=application.declared.get("capacities", ())
    )


def missing_of(application: RegistrationApplication, documents, *, on: date) -> list[str]:
    """The kinds of documents the form asks for that are not there, or have ended."""
    holding = {d.kind for d in documents if d.valid_until is None or d.valid_until >= on}
    return [kind for kind in asked_of(application) if kind not in holding]


def commitment_text(application: RegistrationApplication, documents) -> str:
    facts = [(d.kind, d.number, d.valid_until, d.file.sha256) for d in documents]
    return commitment_of(application.number, application.platform.name, application.kind, application.declared, facts)


@dataclass(frozen=True)
class ApplicationView:
    """An application as its applicant or its reviewer sees it: what is declared, attached, missing, and may be done."""

    application: RegistrationApplication
    documents: list[RegistrationDocument]
    missing: list[str]
    faults: list[tuple[str, str]]
    decision: dict[str, Any] | None
    commitment: str
    moves: frozenset[str]
    registered_as: Organisation | None
    same_code: list[RegistrationApplication]


def application_view(actor: Actor, application: RegistrationApplication, on: date) -> ApplicationView:
    """All that stands on the applicant's page or the review desk; to be read in the platform's scope."""
    documents = documents_of(application)
    decision = judged(application, documents, on=on, drafts=actor.drafts, committed=bool(application.commitment_sha256))
    open_moves = {m.name for m in REGISTRATION.table if application.state in m.from_states and actor.has(*m.by)}
    others = RegistrationApplication.objects.filter(
        platform=application.platform, credit_code=application.credit_code, submitted_at__isnull=False
    ).exclude(id=application.id)
    return ApplicationView(
        application=application,
        documents=documents,
        missing=[DOCUMENTS[kind] for kind in missing_of(application, documents, on=on)],
        faults=faults_of(application.kind, application.declared, regions=[r.code for r in regions_offered()]),
        decision=decision.record() if decision is not None else None,
        commitment=commitment_text(application, documents),
        moves=frozenset(open_moves),
        registered_as=Organisation.objects.filter(credit_code=application.credit_code or "-").first(),
        same_code=list(others.order_by("-id")[:10]) if application.credit_code else [],
    )


def qualifications_visible_to(actor: Actor) -> QuerySet:
    """The actor's organisation's qualifications; for the platform's people all of their platforms'. Newest first."""
    rows = Qualification.objects.select_related("organisation", "file").defer("file__content")
    if actor.is_party:
        rows = rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    else:
        rows = rows.filter(platform_id__in=actor.platform_ids)
    if (kinds := kinds_of(actor)) is not None:
        rows = rows.filter(organisation__kind__in=kinds)
    return rows.order_by("-id")


def warned_until(actor: Actor, today: date) -> date:
    """Whatever ends by this day gives its owner a to-do."""
    return today + timedelta(days=scope.law(actor, today).at("tenancy.qualification_warning_days").value)


def expiring(actor: Actor, today: date) -> QuerySet:
    """Those in force that end within the days of warning (A99) or have ended, and for which no renewal waits; the next to end first."""
    waiting = Qualification.objects.filter(state=QualificationState.DECLARED, replaces__isnull=False)
    soon = Q(state=QualificationState.CONFIRMED, valid_until__lte=warned_until(actor, today))
    rows = qualifications_visible_to(actor).filter(soon).exclude(id__in=waiting.values("replaces_id"))
    return rows.order_by("valid_until", "id")


def access_qualification(actor: Actor, qualification_id: int) -> Qualification:
    """One of the actor's. Raises NotThere."""
    found = qualifications_visible_to(actor).filter(id=qualification_id).first()
    if found is None:
        raise NotThere("这份资质")
    return found


def lock_qualification(actor: Actor, qualification_id: int) -> Qualification:
    """One of the actor's, locked. Raises NotThere."""
    rows = Qualification.objects.select_for_update(of=("self",)).filter(id=qualification_id)
    rows = rows.filter(platform_id__in=actor.platform_ids)
    if actor.is_party:
        rows = rows.filter(organisation_id=actor.organisation_id)
    found = rows.first()
    if found is None:
        raise NotThere("这份资质")
    return found
