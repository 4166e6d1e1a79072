"""An applicant's side of a registration: opened, filled in, documents attached, submitted, withdrawn, activated.

The actor is `queries.registration.applicant_actor`: the platform on behalf of whoever holds the number and the secret.
Every service works in the platform's scope, since no party may see applications.
"""

import functools
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sunlight import scope
from sunlight.files.filetypes import DOCUMENTS as DOCUMENT_TYPES
from sunlight.files.services.files import file_store
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Invalid, NotThere, refused_by
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.numbering import platform_number
from sunlight.registration import queries
from sunlight.registration.declarations import declared_of, faults_of, fields_of
from sunlight.registration.events import REGISTRATION_ACTIVATED, REGISTRATION_SUBMITTED, REGISTRATION_WITHDRAWN
from sunlight.registration.models import RegistrationApplication, RegistrationDocument
from sunlight.registration.workflows import REGISTRATION, RegistrationState
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.rules import DOCUMENTS
from sunlight.tenancy.services.people import first_password_set

MOST_DOCUMENTS, MOST_UPLOADS = 12, 30
MOST_DOCUMENT_BYTES = 10 << 20
# New applications from one address in 24 hours; number and secret cost nothing, keeping them does.
MOST_OPENED = 20
_EDITABLE = (RegistrationState.DRAFT, RegistrationState.RETURNED)


def _as_platform(function):
    @functools.wraps(function)
    def call(*, actor: Actor, at: datetime, **facts):
        with scope.elevated(actor):
            return function(actor=actor, at=at, **facts)

    return call


def application_write(application: RegistrationApplication, **changes) -> None:
    for field, value in changes.items():
        setattr(application, field, value)
    application.version += 1
    application.save(update_fields=[*changes, "version"])


def application_record(
    event: EventType, application: RegistrationApplication, actor: Actor, at: datetime, **payload
) -> None:
    facts = {
        "number": application.number,
        "kind": application.kind,
        "name": application.name,
        "credit_code": application.credit_code,
        "state": application.state,
    }
    record(
        event,
        subject=application.id,
        actor=actor,
        at=at,
        version=application.version,
        parties=[application.organisation_id],
        payload={**facts, **payload},
        platform_id=application.platform_id,
    )


def _editable(actor: Actor, application_id: int) -> RegistrationApplication:
    application = queries.lock_application(actor, application_id)
    if application.state not in _EDITABLE:
        raise Conflict(
            "not_editable",
            f"申请{application.get_state_display()}，不能修改。如需修改，请等待审核结果，或撤回后重新申请。",
        )
    return application


@service
@_as_platform
def registration_open(*, actor: Actor, at: datetime, kind: str) -> tuple[RegistrationApplication, str]:
    """Begin an application; returns it with the secret, which is kept nowhere. Raises Invalid for a kind that does not
    trade, Conflict for too many from one address in a day."""
    if kind not in ("HOSPITAL", "SUPPLIER"):
        raise Invalid("kind_unknown", "请选择申请登记的机构类型：医疗机构，或生产、配送企业。", field="kind")
    address = actor.client.address[:64]
    recent = RegistrationApplication.objects.filter(opened_from=address, opened_at__gt=at - timedelta(days=1))
    if address and recent.count() >= MOST_OPENED:
        raise Conflict(
            "too_many_applications",
            f"同一网络地址 24 小时内最多新建 {MOST_OPENED} 份申请，请明天再试或联系平台运营支持。",
        )
    secret = secrets.token_urlsafe(24)
    application = RegistrationApplication.objects.create(
        platform_id=actor.platform_id,
        number=platform_number(business_date(at)),
        secret_hash=queries.secret_hash(secret),
        kind=kind,
        declared=declared_of(kind, {}),
        opened_at=at,
        opened_from=address,
    )
    return application, secret


@service
@_as_platform
def registration_save(*, actor: Actor, at: datetime, application_id: int, typed: Mapping) -> RegistrationApplication:
    """Keep what was typed so far, complete or not. Raises Conflict once it is submitted."""
    application = _editable(actor, application_id)
    read = reading.Collected()
    for name, (label, most, _) in fields_of(application.kind).items():
        read(reading.text, typed.get(name), name, label, most=most, required=False)
    read.check()
    declared = declared_of(application.kind, typed)
    application_write(application, declared=declared, name=declared["name"], credit_code=declared["credit_code"])
    return application


@service
@_as_platform
def registration_attach(
    *,
    actor: Actor,
    at: datetime,
    application_id: int,
    kind: str,
    name: str,
    content: bytes,
    number: str = "",
    valid_until: date | str | None = None,
) -> RegistrationDocument:
    """Attach a document (PDF, PNG or JPEG) with its own number and last day. Raises Invalid for a kind or file that is
    none, Conflict for too many or once it is submitted."""
    application = _editable(actor, application_id)
    read = reading.Collected()
    number = read(reading.text, number, "number", "证件编号", most=100, required=False)
    valid_until = read(reading.day, valid_until, "valid_until", "有效期至", required=False)
    read.check()
    if kind not in DOCUMENTS:
        raise Invalid("document_unknown", "请选择材料种类。", field="document")
    if len(content) > MOST_DOCUMENT_BYTES:
        raise Invalid(
            "file_too_large", f"每份材料不超过 {MOST_DOCUMENT_BYTES >> 20} MB，请压缩后重新上传。", field="file"
        )
    rows = RegistrationDocument.objects.filter(application=application)
    if rows.filter(removed_at=None).count() >= MOST_DOCUMENTS or rows.count() >= MOST_UPLOADS:
        raise Conflict(
            "too_many_documents",
            f"每份申请最多附 {MOST_DOCUMENTS} 份材料、上传 {MOST_UPLOADS} 次。请先移除不需要的材料。",
        )
    file = file_store(actor=actor, at=at, name=name, content=content, accept=DOCUMENT_TYPES)
    return RegistrationDocument.objects.create(
        application=application,
        kind=kind,
        number=" ".join(number.split()),
        valid_until=valid_until,
        file=file,
        added_at=at,
    )


@service
@_as_platform
def registration_detach(*, actor: Actor, at: datetime, application_id: int, document_id: int) -> None:
    """Take a document off the application; the file itself is kept. Raises NotThere, Conflict once it is submitted."""
    application = _editable(actor, application_id)
    document_id = reading.row_id(document_id, "document_id", "材料")
    if not RegistrationDocument.objects.filter(id=document_id, application=application, removed_at=None).update(
        removed_at=at
    ):
        raise NotThere("这份材料")


def require_complete(application: RegistrationApplication, actor: Actor, at: datetime, *, committed: bool):
    """The documents and the law's decision, where all that is asked for is there on the day. Raises Invalid for the form,
    Refused with the clause where the region's law asks for what is missing, Conflict where the code is registered."""
    on, subject = business_date(at), ("registration", application.id)
    faults = faults_of(application.kind, application.declared, regions=[r.code for r in queries.regions_offered()])
    if faults:
        raise Invalid(
            "declaration_incomplete",
            "所填资料不完整：" + "".join(message for _, message in faults),
            field=faults[0][0],
            items=[{"field": name, "code": "invalid", "message": message} for name, message in faults],
            subject=subject,
        )
    if queries.is_registered(application.platform_id, application.credit_code):
        raise Conflict(
            "registered_already",
            f"统一社会信用代码 {application.credit_code} 已在本平台登记，不能重复登记。如需增加人员，请联系本单位管理员。",
            field="credit_code",
            subject=subject,
        )
    documents = queries.documents_of(application)
    decision = queries.judged(application, documents, on=on, drafts=actor.drafts, committed=committed)
    if decision is not None and decision.refused:
        raise refused_by(decision, subject=subject, way_out="请补齐在有效期内的材料后再提交。")
    missing = queries.missing_of(application, documents, on=on)
    if missing:
        names = "、".join(DOCUMENTS[kind] for kind in missing)
        raise Invalid(
            "document_missing", f"缺少或已过有效期的材料：{names}。请上传后再提交。", field="documents", subject=subject
        )
    return documents, decision


@service
@_as_platform
def registration_submit(
    *, actor: Actor, at: datetime, application_id: int, commitment_sha256: str
) -> RegistrationApplication:
    """Submit under the commitment of truth (JS20-34). `commitment_sha256` is the hash of the text that was shown, and
    binds that text and no other. Raises as `require_complete`; Invalid where the text is not committed to or changed."""
    application = queries.lock_application(actor, application_id)
    state = moved(REGISTRATION, application.state, "submit", actor)
    documents, decision = require_complete(application, actor, at, committed=bool(commitment_sha256))
    text = queries.commitment_text(application, documents)
    digest = queries.secret_hash(text)
    if commitment_sha256 != digest:
        code, message = (
            ("commitment_changed", "承诺书内容与所签署的不一致（资料可能已修改），请重新阅读后提交。")
            if commitment_sha256
            else ("commitment_missing", "提交前须阅读并签署真实性承诺书，请勾选承诺后再提交。")
        )
        raise Invalid(code, message, field="commitment_sha256", subject=("registration", application.id))
    if decision is not None:
        decide(decision, subject=("registration", application.id), actor=actor, at=at)
    application_write(
        application,
        state=state,
        submitted_at=at,
        commitment_text=text,
        commitment_sha256=digest,
        review_note="",
        review_clause="",
    )
    application_record(
        REGISTRATION_SUBMITTED,
        application,
        actor,
        at,
        declared=application.declared,
        commitment_sha256=digest,
        documents=[
            {"kind": d.kind, "number": d.number, "until": d.valid_until, "sha256": d.file.sha256} for d in documents
        ],
    )
    return application


@service
@_as_platform
def registration_withdraw(*, actor: Actor, at: datetime, application_id: int) -> RegistrationApplication:
    """The applicant gives up; a new application may begin."""
    application = queries.lock_application(actor, application_id)
    application_write(application, state=moved(REGISTRATION, application.state, "withdraw", actor))
    application_record(REGISTRATION_WITHDRAWN, application, actor, at)
    return application


@service
@_as_platform
def registration_activate(
    *, actor: Actor, at: datetime, application_id: int, password: str, again: str
) -> RegistrationApplication:
    """Choose the first administrator's password, once, after acceptance. Raises Conflict before acceptance and the second
    time, Invalid for an unfit password."""
    application = queries.lock_application(actor, application_id)
    if application.state != RegistrationState.ACCEPTED or application.activated_at is not None:
        raise Conflict("not_to_activate", "账号尚未开通或密码已设置过。忘记密码请联系平台运营支持。", field="password")
    if password != again:
        raise Invalid("passwords_differ", "两次输入的密码不一致，请重新输入。", field="again")
    first_password_set(actor=actor, at=at, username=application.username, password=password)
    application_write(application, activated_at=at)
    application_record(REGISTRATION_ACTIVATED, application, actor, at, username=application.username)
    return application
