"""News of listings and certificates, told to their manufacturers."""

from datetime import datetime

from sunlight.blocks.kinds import message_kind
from sunlight.blocks.services.messages import message_send
from sunlight.journal.subscriptions import subscribe
from sunlight.scope import Actor, Role

LISTER, ADMIN = Role.SUPPLIER_LISTER, Role.SUPPLIER_ADMIN

LISTING_REVIEWED = message_kind("listing_reviewed", "挂网审核结果", LISTER, url_name="catalog:listing")
LISTING_STOPPED = message_kind(
    "listing_stopped", "挂网被暂停或撤销", LISTER, ADMIN, url_name="catalog:listing", must_acknowledge=True
)
CERTIFICATE_ENDS = message_kind(
    "certificate_expiring", "注册证即将到期", LISTER, ADMIN, url_name="catalog:listings", takes_id=False
)
CERTIFICATE_ENDED = message_kind(
    "certificate_expired", "注册证已经到期", LISTER, ADMIN, url_name="catalog:listings", takes_id=False,
    must_acknowledge=True,
)  # fmt: skip


@subscribe("listing_listed", "listing_rejected", "listing_restored")
def listing_reviewed(*, event, actor: Actor, at: datetime) -> None:
    """The maker hears what the operator decided on its application."""
    word = {"listing_listed": "已挂网", "listing_rejected": "被退回，请修改后重新提交"}.get(event.name, "已恢复挂网")
    message_send(
        actor=actor, at=at, kind=LISTING_REVIEWED, to=[event.payload["manufacturer"]], event=event,
        title=f"{event.payload['name'][:100]} {word}", body=event.payload.get("note") or "",
        subject=(event.subject_type, event.subject_id),
    )  # fmt: skip


@subscribe("listing_suspended", "listing_delisted")
def listing_stopped(*, event, actor: Actor, at: datetime) -> None:
    """The maker takes note that trade in a product has stopped, why and by which clause."""
    facts = event.payload
    word = "已暂停挂网" if event.name == "listing_suspended" else "已撤网"
    basis = f"（依据 {facts['clause']}）" if facts["clause"] else ""
    message_send(
        actor=actor, at=at, kind=LISTING_STOPPED, to=[facts["manufacturer"]], event=event,
        title=f"{facts['name'][:100]} {word}", body=f"{facts['reason']}{basis}",
        subject=(event.subject_type, event.subject_id),
    )  # fmt: skip


@subscribe("certificate_expiring", "certificate_expired")
def certificate_ends(*, event, actor: Actor, at: datetime) -> None:
    """The maker hears in time that a certificate ends, and takes note once it has."""
    facts, ended = event.payload, event.name == "certificate_expired"
    word = "已到期，请立即办理延续" if ended else "即将到期"
    message_send(
        actor=actor, at=at, kind=CERTIFICATE_ENDED if ended else CERTIFICATE_ENDS, to=facts["manufacturers"], event=event,
        title=f"注册证 {facts['number'][:80]} {word}",
        body=f"有效期至 {facts['valid_until']}。请将延续注册的批件交平台运营机构更新。",
        subject=(event.subject_type, event.subject_id),
    )  # fmt: skip
