"""The operator's side of a registration: asked for more, refused, accepted; and the qualifications kept from then on."""

import secrets
from datetime import date, datetime

from django.contrib.auth.hashers import make_password

from sunlight import scope
from sunlight.files.filetypes import DOCUMENTS as DOCUMENT_TYPES
from sunlight.files.services.files import file_show, file_store
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.registration import queries
from sunlight.registration.declarations import share_of
from sunlight.registration.events import (
    QUALIFICATION_CONFIRMED,
    QUALIFICATION_DECLARED,
    QUALIFICATION_REJECTED,
    QUALIFICATION_REPLACED,
    REGISTRATION_ACCEPTED,
    REGISTRATION_REFUSED,
    REGISTRATION_RETURNED,
)
from sunlight.registration.models import Qualification, RegistrationApplication
from sunlight.registration.services.applications import application_record, application_write, require_complete
from sunlight.registration.workflows import QUALIFICATION, REGISTRATION, QualificationState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import Organisation
from sunlight.tenancy.queries.people import username_taken
from sunlight.tenancy.rules import DOCUMENTS
from sunlight.tenancy.services.admission import membership_grant, user_create
from sunlight.tenancy.services.organisations import organisation_register

# Without letters and digits that look alike.
NAME_LETTERS, NAME_LENGTH = "abcdefghjkmnpqrstuvwxyz23456789", 8
LONGEST_NOTE, OPINION = 500, "意见与理由"
FIRST_ROLE = {"HOSPITAL": Role.HOSPITAL_ADMIN, "SUPPLIER": Role.SUPPLIER_ADMIN}
OWNERS = (Role.HOSPITAL_ADMIN, Role.SUPPLIER_ADMIN)


def _opinion(note: object) -> str:
    return reading.text(note, "note", OPINION, most=LONGEST_NOTE, required=False)


def _grounds(note: object) -> str:
    return reading.reason(note, label=OPINION, most=LONGEST_NOTE, field="note")


def _clause(typed: object) -> str:
    clause = reading.text(typed, "clause", "条款", most=30, required=False)
    if clause and clause not in scope.policy().clauses:
        raise Invalid("clause_unknown", f"条款 {clause[:30]} 不在法规库中，请从列表中选择，或留空。", field="clause")
    return clause


def _sent_back(move: str, event: EventType, *, actor: Actor, at: datetime, application_id: int, note: str, clause: str):
    application = queries.lock_application(actor, application_id)
    state = moved(REGISTRATION, application.state, move, actor)
    application_write(
        application,
        state=state,
        reviewed_at=at,
        **scope.by(actor, "reviewed"),
        review_note=_grounds(note),
        review_clause=_clause(clause),
    )
    application_record(event, application, actor, at, note=application.review_note, clause=application.review_clause)
    return application


@service
def registration_return(
    *, actor: Actor, at: datetime, application_id: int, note: str, clause: str = ""
) -> RegistrationApplication:
    """Ask the applicant for more, saying what; it may correct and submit again."""
    return _sent_back(
        "return", REGISTRATION_RETURNED, actor=actor, at=at, application_id=application_id, note=note, clause=clause
    )


@service
def registration_refuse(
    *, actor: Actor, at: datetime, application_id: int, note: str, clause: str = ""
) -> RegistrationApplication:
    """Refuse for good, with the reason and, where a law says so, its clause; nothing of the applicant comes into being."""
    return _sent_back(
        "refuse", REGISTRATION_REFUSED, actor=actor, at=at, application_id=application_id, note=note, clause=clause
    )


@service
def registration_accept(
    *, actor: Actor, at: datetime, application_id: int, note: str = "", designated: bool = False
) -> RegistrationApplication:
    """Accept: the organisation is registered and approved on the platform, its first administrator and its
    qualifications come into being (HB20-2b, JS20-34). `designated`: the authority named this private hospital.

    Raises as on submission, by the law of this day: a permit may have ended, the code been registered meanwhile.
    """
    application = queries.lock_application(actor, application_id)
    state = moved(REGISTRATION, application.state, "accept", actor)
    documents, decision = require_complete(application, actor, at, committed=True)
    if decision is not None:
        decide(decision, subject=("registration", application.id), actor=actor, at=at)
    organisation = _register(application, actor, at, designated=designated)
    username = _first_person(application, organisation, actor, at)
    for document in documents:
        file_show(actor=actor, at=at, file_id=document.file_id, visibility="PARTIES", parties=[organisation.id])
    Qualification.objects.bulk_create(
        Qualification(
            platform_id=application.platform_id,
            organisation=organisation,
            kind=d.kind,
            number=d.number,
            valid_until=d.valid_until,
            file_id=d.file_id,
            state=QualificationState.CONFIRMED,
            declared_at=d.added_at,
            decided_at=at,
            **scope.by(actor, "decided"),
        )
        for d in documents
    )
    application_write(
        application,
        state=state,
        reviewed_at=at,
        **scope.by(actor, "reviewed"),
        review_note=_opinion(note),
        organisation=organisation,
        username=username,
    )
    application_record(REGISTRATION_ACCEPTED, application, actor, at, note=application.review_note, username=username)
    return application


def _register(application: RegistrationApplication, actor: Actor, at: datetime, *, designated: bool) -> Organisation:
    known = Organisation.objects.filter(credit_code=application.credit_code).first()
    if known is not None and known.kind != application.kind:
        raise Conflict(
            "kind_disagrees",
            f"该统一社会信用代码已在其他平台以另一类机构（{known.name}）登记，不能按本申请登记。请退回申请人核对。",
            field="credit_code",
            subject=("registration", application.id),
        )
    declared = application.declared
    bank = {name: declared[name] for name in ("bank_name", "account_name", "account_number")}
    profile = {
        name: declared[name]
        for name in ("legal_representative", "registered_address", "business_address", "phone", "email")
    }
    return organisation_register(
        actor=actor,
        at=at,
        platform=application.platform,
        kind=OrganisationKind(application.kind),
        name=declared["name"],
        credit_code=declared["credit_code"],
        region_code=declared["region_code"],
        profile=profile,
        bank_account=bank,
        contacts=declared["contacts"],
        stakes=_stakes(declared),
        producer_names=declared.get("producer_names", ()),
        designated=designated,
        **_traits(application.kind, declared),
    )


def _stakes(declared: dict) -> list[dict]:
    return [row | {"share": share_of(row["share"])} for row in declared.get("stakes", ())]


def _traits(kind: str, declared: dict) -> dict:
    """The organisation's columns; the general agent of an imported product counts as manufacturer (HB20-2b, JS20-1)."""
    if kind == "SUPPLIER":
        capacities = set(declared["capacities"])
        return {
            "is_manufacturer": bool(capacities & {"manufacturer", "agent"}),
            "is_distributor": "distributor" in capacities,
        }
    return {name: declared[name] for name in ("level", "ownership", "hospital_code", "area_code")}


def _login_name() -> str:
    """A name that stands nowhere else: a public number as a name tells everybody whom to try."""
    return "adm-" + "".join(secrets.choice(NAME_LETTERS) for _ in range(NAME_LENGTH))


def _first_person(application: RegistrationApplication, organisation: Organisation, actor: Actor, at: datetime) -> str:
    """The first administrator, who cannot log in until the holder of the link has chosen a password. The login name is
    drawn, and told to the applicant on the application's page."""
    declared, username = application.declared, _login_name()
    while username_taken(username):
        username = _login_name()
    user = user_create(
        actor=actor,
        at=at,
        username=username,
        name=declared["admin_name"],
        phone=declared["admin_phone"],
        email=declared["admin_email"],
        password_hash=make_password(None),
    )
    membership_grant(
        actor=actor,
        at=at,
        user=user,
        organisation=organisation,
        platform=application.platform,
        roles=[FIRST_ROLE[application.kind]],
    )
    return username


@service
def qualification_declare(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    name: str,
    content: bytes,
    number: str = "",
    valid_until: date | str | None = None,
    replaces_id: int | None = None,
) -> Qualification:
    """The organisation's administrator declares a new qualification, or the renewal of one; it counts once the operator
    confirms it (JS20-37). Raises Invalid for a term already over, Conflict where a renewal waits already."""
    if not actor.has(*OWNERS):
        raise Forbidden("not_your_duty", "只有本单位管理员可以申报资质。")
    if replaces_id is not None:
        before = queries.lock_qualification(actor, replaces_id)
        if before.state != QualificationState.CONFIRMED:
            raise Conflict("not_renewable", f"这份资质{before.get_state_display()}，不能换新。请从列表中重新选择。")
        if Qualification.objects.filter(replaces=before, state=QualificationState.DECLARED).exists():
            raise Conflict("renewal_waits", "这份资质已有换新申报待确认，请等待审核结果。")
        kind = before.kind
    if kind not in DOCUMENTS:
        raise Invalid("document_unknown", "请选择资质种类。", field="kind")
    read = reading.Collected()
    number = read(reading.text, number, "number", "证件编号", most=100, required=False)
    valid_until = read(reading.day, valid_until, "valid_until", "有效期至", required=False)
    read.check()
    if valid_until is not None and valid_until < business_date(at):
        raise Invalid("term_over", "有效期至早于今天，请核对后重新填写。", field="valid_until")
    file = file_store(actor=actor, at=at, name=name, content=content, accept=DOCUMENT_TYPES)
    made = Qualification.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        kind=kind,
        number=" ".join(number.split()),
        valid_until=valid_until,
        file=file,
        replaces_id=replaces_id,
        declared_at=at,
        **scope.by(actor, "declared"),
    )
    _record_qualification(QUALIFICATION_DECLARED, made, actor, at)
    return made


def _record_qualification(event: EventType, row: Qualification, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=row.id,
        actor=actor,
        at=at,
        version=row.version,
        parties=[row.organisation_id],
        payload={
            "kind": row.kind,
            "number": row.number,
            "valid_until": row.valid_until,
            "state": row.state,
            "replaces": row.replaces_id,
            "note": row.note,
        },
    )


def _decide(row: Qualification, move: str, actor: Actor, at: datetime, note: str = "") -> None:
    row.state = moved(QUALIFICATION, row.state, move, actor)
    row.version += 1
    row.decided_at, row.note = at, note or row.note
    row.save(update_fields=["state", "version", "decided_at", *scope.stamp(row, "decided", actor), "note"])


@service
def qualification_confirm(*, actor: Actor, at: datetime, qualification_id: int, note: str = "") -> Qualification:
    """The operator confirms; the one it renews gives way (JS20-37)."""
    row = queries.lock_qualification(actor, qualification_id)
    if row.valid_until is not None and row.valid_until < business_date(at) and row.state == QualificationState.DECLARED:
        raise Conflict("term_over", "这份资质已过有效期，不能确认。请退回并说明原因。", field="valid_until")
    _decide(row, "confirm", actor, at, _opinion(note))
    if row.replaces_id is not None:
        before = queries.lock_qualification(actor, row.replaces_id)
        _decide(before, "replace", actor, at)
        _record_qualification(QUALIFICATION_REPLACED, before, actor, at)
    _record_qualification(QUALIFICATION_CONFIRMED, row, actor, at)
    return row


@service
def qualification_reject(*, actor: Actor, at: datetime, qualification_id: int, note: str) -> Qualification:
    """The operator does not confirm, saying why; what was in force stays."""
    row = queries.lock_qualification(actor, qualification_id)
    _decide(row, "reject", actor, at, _grounds(note))
    _record_qualification(QUALIFICATION_REJECTED, row, actor, at)
    return row
