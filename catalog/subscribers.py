"""Messages about listings and certificates to their manufacturers; a publication's end, on which listings wait."""

from datetime import datetime

from catalog.events import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    LISTING_DELISTED,
    LISTING_JOINED,
    LISTING_LISTED,
    LISTING_PUBLICISED,
    LISTING_REJECTED,
    LISTING_RESTORED,
    LISTING_SUSPENDED,
)
from catalog.models import Listing
from catalog.services.listings import listing_delist, listing_publicity_conclude, listing_suspend
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.journal.subscriptions import subscribe
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.messages import message_send
from sunlight.publicity.events import PUBLICITY_ENDED
from sunlight.publicity.workflows import PublicationState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date

LISTER, ADMIN = Role.SUPPLIER_LISTER, Role.SUPPLIER_ADMIN

LISTING_REVIEWED = message_kind("listing_reviewed", "挂网审核结果", LISTER, url_name="catalog:listing")
LISTING_STOPPED = message_kind(
    "listing_stopped", "挂网被暂停或撤销", LISTER, ADMIN, url_name="catalog:listing", must_acknowledge=True
)
CERTIFICATE_ENDS = message_kind(
    "certificate_expiring", "注册证即将到期", LISTER, ADMIN, url_name="catalog:listings", takes_id=False
)
CERTIFICATE_ENDED = message_kind(
    "certificate_expired",
    "注册证已经到期",
    LISTER,
    ADMIN,
    url_name="catalog:listings",
    takes_id=False,
    must_acknowledge=True,
)


@subscribe(
    LISTING_LISTED,
    LISTING_JOINED,
    LISTING_REJECTED,
    LISTING_RESTORED,
    LISTING_PUBLICISED,
    name="catalog.listing_reviewed",
)
def listing_reviewed(*, event, actor: Actor, at: datetime) -> None:
    """The maker learns what the operator decided on its application."""
    word = {
        LISTING_LISTED.name: "已挂网",
        LISTING_JOINED.name: "审核通过，规格已并入同一计价组的挂网",
        LISTING_REJECTED.name: "被退回，请修改后重新提交",
        LISTING_PUBLICISED.name: "审核通过，正在公示",
    }.get(event.name, "已恢复挂网")
    message_send(
        actor=actor,
        at=at,
        kind=LISTING_REVIEWED,
        to=[event.payload["manufacturer"]],
        event=event,
        title=f"{event.payload['name'][:100]} {word}",
        body=event.payload.get("note") or "",
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(LISTING_SUSPENDED, LISTING_DELISTED, name="catalog.listing_stopped")
def listing_stopped(*, event, actor: Actor, at: datetime) -> None:
    """The maker takes note that trade in a product has stopped, why and by which clause."""
    facts = event.payload
    word = "已暂停挂网" if event.name == LISTING_SUSPENDED.name else "已撤网"
    basis = f"（依据 {facts['clause']}）" if facts["clause"] else ""
    message_send(
        actor=actor,
        at=at,
        kind=LISTING_STOPPED,
        to=[facts["manufacturer"]],
        event=event,
        title=f"{facts['name'][:100]} {word}",
        body=f"{facts['reason']}{basis}",
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(CERTIFICATE_EXPIRING, CERTIFICATE_EXPIRED, name="catalog.certificate_ends")
def certificate_ends(*, event, actor: Actor, at: datetime) -> None:
    """The maker learns in time that a certificate ends, and takes note once it has."""
    facts, ended = event.payload, event.name == CERTIFICATE_EXPIRED.name
    word = "已到期，请立即办理延续" if ended else "即将到期"
    message_send(
        actor=actor,
        at=at,
        kind=CERTIFICATE_ENDED if ended else CERTIFICATE_ENDS,
        to=facts["manufacturers"],
        event=event,
        title=f"注册证 {facts['number'][:80]} {word}",
        body=f"有效期至 {facts['valid_until']}。请将延续注册的批件交平台运营机构更新。",
        subject=(event.subject_type, event.subject_id),
    )


@subscribe(PUBLICITY_ENDED, name="catalog.publicity_ended")
def publicity_ended(*, event, actor: Actor, at: datetime) -> None:
    """A listing that waited for its publication is listed or goes back; a listed price found false ends or
    suspends the listing as the law of the day says (JS20-13c, SZ24-3.5b)."""
    facts = event.payload
    if facts["subject_type"] != "listing":
        return
    if facts["kind"] == "listing":
        listing_publicity_conclude(
            actor=actor,
            at=at,
            listing_id=facts["subject_id"],
            outcome=facts["outcome"],
            note=facts["note"],
            clause=facts["clause"],
        )
        return
    if facts["outcome"] == PublicationState.UPHELD:
        _declared_falsely(event, actor, at)


def _declared_falsely(event, actor: Actor, at: datetime) -> None:
    """Suspended or delisted, as the law of the day says; nothing where none does, or a draft that only warns here."""
    law = scope.law(actor, business_date(at))
    found = law.find("publicity.false_declaration")
    if found is None or (found.is_draft and actor.drafts == "warn"):
        return
    listing_id = event.payload["subject_id"]
    if Listing.objects.filter(id=listing_id, state=ListingState.LISTED).exists():
        end = listing_suspend if found.value == "suspend" else listing_delist
        reason = f"价格公示（{event.payload['number']}）异议成立：{event.payload['note']}"
        end(actor=actor, at=at, listing_id=listing_id, clause=found.clause, reason=reason[:500])
