"""The life of a listing: drafted and submitted by the maker, reviewed once by the operator, suspended, restored, ended."""

from dataclasses import replace
from datetime import date, datetime

from catalog.events import (
    CERTIFICATE_RENEWED,
    LISTING_DELISTED,
    LISTING_ENDORSED,
    LISTING_EXTENDED,
    LISTING_JOINED,
    LISTING_LISTED,
    LISTING_PUBLICISED,
    LISTING_REJECTED,
    LISTING_RESTORED,
    LISTING_SUBMITTED,
    LISTING_SUSPENDED,
)
from catalog.models import Certificate, ListedSpecification, Listing, PlatformListing
from catalog.queries.checks import application_of, dearer_than, listing_checks
from catalog.queries.listings import listed_specifications, lock_listing, platforms_in
from catalog.queries.sisters import standing_listing_of
from catalog.queries.views import commitment_of
from catalog.services.applications import facts_of, law_of, require
from catalog.services.publicity import listing_publication_open
from catalog.workflows import LISTING, WAITING, ListingState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, NotThere, Refused, same_version
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.publicity.models import Publication
from sunlight.publicity.services import publicity_demanded
from sunlight.publicity.workflows import PublicationState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.sheets.reading import narrow

LONGEST_NOTE, REASON = 500, "原因与要求"


def listing_recorded(event: EventType, listing: Listing, actor: Actor, at: datetime, **more) -> None:
    """Record an event of a listing with all its facts, for its maker."""
    record(
        event,
        subject=listing.id,
        actor=actor,
        at=at,
        version=listing.version,
        parties=[listing.manufacturer_id],
        payload={**facts_of(listing), **more},
    )


def listing_written(listing: Listing, **changes) -> None:
    for field, value in changes.items():
        setattr(listing, field, value)
    listing.version += 1
    listing.save(update_fields=[*changes, "version"])


@service
def listing_submit(*, actor: Actor, at: datetime, listing_id: int, commitment_sha256: str) -> Listing:
    """Submit an application under the signed commitment of truth (SZ24-3.2b, JS20-34). `commitment_sha256` is the hash of the
    text that was shown (`queries.commitment_of`): the signature binds that text and no other. Empty is not signed, which goes
    where no text asks for it.

    Raises Refused without the commitment where the law asks for it or where a check fails now, Conflict where the text has
    changed since.
    """
    listing = lock_listing(actor, listing_id)
    state = moved(LISTING, listing.state, "submit", actor)
    subject = ("listing", listing.id)
    asked = scope.basis(actor, at, "catalog.commitment")
    if asked and not commitment_sha256:
        raise Refused(
            "commitment_missing",
            "提交前须阅读并签署产品与价格信息真实性承诺书。请勾选承诺后再提交。",
            field="commitment_sha256",
            basis=asked,
            subject=subject,
        )
    commitment = commitment_of(listing)
    if commitment_sha256 and commitment_sha256 != commitment.sha256:
        raise Conflict(
            "commitment_changed",
            "承诺书内容与所签署的不一致（申请可能已修改）。请重新阅读承诺书后提交。",
            field="commitment_sha256",
        )
    checks = _checked(listing, actor, at, is_committed=bool(commitment_sha256))
    signed = {"commitment_text": "", "commitment_sha256": ""}
    if commitment_sha256:
        signed = {"commitment_text": commitment.text, "commitment_sha256": commitment.sha256}
    listing_written(
        listing,
        state=state,
        **signed,
        submitted_at=at,
        **scope.by(actor, "submitted"),
        endorsed_at=None,
        **scope.by(None, "endorsed"),
        reviewed_at=None,
        **scope.by(None, "reviewed"),
        review_note="",
    )
    listing_recorded(
        LISTING_SUBMITTED,
        listing,
        actor,
        at,
        commitment=listing.commitment_text,
        commitment_sha256=listing.commitment_sha256,
        checks=checks,
    )
    return listing


def _checked(listing: Listing, actor: Actor, at: datetime, *, is_committed: bool | None = None) -> list[dict]:
    """Every check with its answer; raises Refused where one fails."""
    on = business_date(at)
    application = application_of(listing)
    if is_committed is not None:
        application = replace(application, is_committed=is_committed)
    checks = listing_checks(application, on=on, law=law_of(actor, on))
    require(checks, subject=("listing", listing.id))
    return [check.to_dict() for check in checks]


@service
def listing_approve(
    *, actor: Actor, at: datetime, listing_id: int, note: str = "", version: int | None = None
) -> Listing:
    """The operator's review says yes: listed from this business day, open on every platform of the listing's region
    (GD25-2.2b, GD25-2.2c), or published first where the platform's law demands that (JS20-13c, SZ20-5.2.1b) and listed when
    the publication ends. Records `listing_listed` with all that pricing needs.

    Further specifications of a price group in trade, at its price, join its listing. An application dearer than a sister
    is endorsed first and confirmed by another reviewer (A83). Raises Refused where a check fails now, Conflict where it
    changed since `version` was looked at, Forbidden for whoever endorsed it."""
    listing = lock_listing(actor, listing_id)
    same_version(listing.version, version)
    demanded = publicity_demanded("listing", region=actor.region_code, at=at, drafts=actor.drafts)
    standing = standing_listing_of(listing.price_group_id, listing.region_id, but=listing.id)
    earlier = {"endorse": listing.endorsed_by} if listing.state == ListingState.ENDORSED else {}
    move = _review_move(listing, standing, is_published=bool(demanded))
    confirming = move in ("confirm", "confirm_publicise")
    state = moved(
        LISTING, listing.state, move, actor, earlier=earlier if confirming else {}, subject=("listing", listing.id)
    )
    checks, note = _checked(listing, actor, at), _opinion(note)
    if move == "endorse":
        listing_written(listing, state=state, endorsed_at=at, **scope.by(actor, "endorsed"), review_note=note)
        listing_recorded(LISTING_ENDORSED, listing, actor, at, note=note, checks=checks)
        return listing
    reviewed = {"reviewed_at": at, **scope.by(actor, "reviewed"), "review_note": note}
    if move == "join":
        return _join(listing, standing, state, actor, at, checks=checks, **reviewed)
    if demanded:
        listing_written(listing, state=state, **reviewed)
        row = listing_publication_open(listing, "listing", actor=actor, at=at)
        listing_recorded(
            LISTING_PUBLICISED,
            listing,
            actor,
            at,
            note=listing.review_note,
            checks=checks,
            publication=row.id,
            clause=demanded,
            ends_on=row.ends_on,
        )
        return listing
    return _list(listing, state, actor, at, checks=checks, **reviewed)


def _review_move(listing: Listing, standing: Listing | None, *, is_published: bool) -> str:
    """Which of its moves a yes makes: by what stands beside the application."""
    if standing is not None and listing.state in WAITING:
        return "join"
    if listing.state == ListingState.ENDORSED:
        return "confirm_publicise" if is_published else "confirm"
    if listing.state == ListingState.SUBMITTED and dearer_than(application_of(listing)) is not None:
        return "endorse"
    return "publicise" if is_published else "approve"


def _join(
    listing: Listing, standing: Listing, state: ListingState, actor: Actor, at: datetime, *, checks: list, **reviewed
) -> Listing:
    """An application's specifications become those of its price group's listing: its price, line and latest prices hold
    for them from now on."""
    standing = Listing.objects.select_for_update(of=("self",)).get(id=standing.id)
    added = list(listed_specifications(listing.id))
    ListedSpecification.objects.bulk_create(ListedSpecification(listing=standing, national_code=spec) for spec in added)
    listing_written(listing, state=state, joined=standing, **reviewed)
    note = listing.review_note
    listing_recorded(LISTING_JOINED, listing, actor, at, note=note, checks=checks, joined=standing.id)
    listing_written(standing)
    listing_recorded(LISTING_EXTENDED, standing, actor, at, added=[spec.code for spec in added])
    return listing


def _list(listing: Listing, state: ListingState, actor: Actor, at: datetime, *, checks: list, **reviewed) -> Listing:
    on = business_date(at)
    listing_written(listing, state=state, listed_on=on, **reviewed)
    platforms = platforms_in(listing.region.code)
    PlatformListing.objects.bulk_create(
        PlatformListing(listing=listing, platform=platform, opened_on=on) for platform in platforms
    )
    listing_recorded(
        LISTING_LISTED,
        listing,
        actor,
        at,
        checks=checks,
        note=listing.review_note,
        platforms=[platform.code for platform in platforms],
    )
    return listing


@service
def listing_publicity_conclude(
    *, actor: Actor, at: datetime, listing_id: int, outcome: str, note: str, clause: str = ""
) -> Listing:
    """What the end of its publication does to a listing, by the system: unopposed or maintained it is listed, where its
    checks still hold; otherwise it goes back to its maker with the reason. A listing that no longer waits stays as it is."""
    listing = lock_listing(actor, listing_id)
    if listing.state != ListingState.PUBLICISED:
        return listing
    reason = ""
    if outcome not in (PublicationState.UNOPPOSED, PublicationState.DISMISSED):
        reason = f"公示未通过（{clause}）：{note}" if clause else f"公示未通过：{note}"
    else:
        try:
            checks = _checked(listing, actor, at)
        except Refused as failed:
            reason = f"公示期满时核对未通过：{failed.message}"
    if not reason:
        return _list(listing, moved(LISTING, listing.state, "list", actor), actor, at, checks=checks)
    listing_written(listing, state=moved(LISTING, listing.state, "oppose", actor), review_note=reason[:LONGEST_NOTE])
    listing_recorded(LISTING_REJECTED, listing, actor, at, note=listing.review_note)
    return listing


@service
def listing_price_publicise(*, actor: Actor, at: datetime, listing_id: int) -> Publication:
    """The reviewer puts a listed product's price before the public, for whoever knows of a lower one; an objection that is
    upheld suspends the listing where the law says so (JS20-13c, SZ24-3.5b). Raises NotThere, Forbidden, Conflict."""
    if not actor.has(Role.OPERATOR_REVIEWER):
        raise Forbidden("not_your_duty", "只有运营机构的审核员可以发布价格公示。请联系平台运营机构。")
    listing = lock_listing(actor, listing_id)
    if listing.state != ListingState.LISTED:
        raise Conflict("not_listed", f"该产品{listing.get_state_display()}，只有已挂网的产品可以公示价格。")
    return listing_publication_open(listing, "listed_price", actor=actor, at=at)


@service
def listing_reject(*, actor: Actor, at: datetime, listing_id: int, note: str, version: int | None = None) -> Listing:
    """The review says no, with what is to be corrected; the maker may revise and submit again. Raises Conflict where it
    changed since `version` was looked at."""
    listing = lock_listing(actor, listing_id)
    same_version(listing.version, version)
    state = moved(LISTING, listing.state, "reject", actor)
    listing_written(
        listing, state=state, reviewed_at=at, **scope.by(actor, "reviewed"), review_note=_grounds(note, "note")
    )
    listing_recorded(LISTING_REJECTED, listing, actor, at, note=listing.review_note)
    return listing


@service
def listing_suspend(*, actor: Actor, at: datetime, listing_id: int, reason: str, clause: str = "") -> Listing:
    """Stop trade in a listing for the time being (GD25-2.2d); callable by the system for credit and supervision."""
    listing = lock_listing(actor, listing_id)
    state = moved(LISTING, listing.state, "suspend", actor)
    listing_written(listing, state=state, end_reason=_grounds(reason))
    listing_recorded(LISTING_SUSPENDED, listing, actor, at, reason=listing.end_reason, clause=clause)
    return listing


@service
def listing_restore(*, actor: Actor, at: datetime, listing_id: int, note: str = "") -> Listing:
    """Let a suspended listing trade again. Raises Refused where a check fails now."""
    listing = lock_listing(actor, listing_id)
    state = moved(LISTING, listing.state, "restore", actor)
    checks = _checked(listing, actor, at)
    listing_written(listing, state=state, end_reason="")
    listing_recorded(LISTING_RESTORED, listing, actor, at, note=_opinion(note), checks=checks)
    return listing


@service
def listing_delist(*, actor: Actor, at: datetime, listing_id: int, reason: str, clause: str = "") -> Listing:
    """End a listing for good and close it on every platform from this business day (SZ24-3.5b, GD25-2.2d)."""
    listing = lock_listing(actor, listing_id)
    state = moved(LISTING, listing.state, "delist", actor)
    on = business_date(at)
    listing_written(listing, state=state, ended_on=on, end_reason=_grounds(reason))
    with scope.elevated(actor):
        # Where a listing is open is public, so no party writes it.
        PlatformListing.objects.filter(listing=listing, closed_on=None).update(closed_on=on)
    listing_recorded(LISTING_DELISTED, listing, actor, at, reason=listing.end_reason, clause=clause)
    return listing


def _opinion(typed: object) -> str:
    return reading.text(typed, "note", REASON, most=LONGEST_NOTE, required=False)


def _grounds(typed: object, field: str = "reason") -> str:
    return reading.reason(typed, label=REASON, most=LONGEST_NOTE, field=field)


@service
def certificate_renew(*, actor: Actor, at: datetime, number: str, valid_until: date | None) -> Certificate:
    """The operator's reviewer enters a certificate's new term (None: without end) after its renewal was shown."""
    if not actor.has(Role.OPERATOR_REVIEWER):
        raise Forbidden("not_your_duty", "只有运营机构的审核员可以更新注册证有效期。")
    certificate = Certificate.objects.select_for_update().filter(number=narrow(number)).first()
    if certificate is None:
        raise NotThere("这个注册证")
    before, certificate.valid_until = certificate.valid_until, valid_until
    certificate.save(update_fields=["valid_until"])
    record(
        CERTIFICATE_RENEWED,
        subject=certificate.id,
        actor=actor,
        at=at,
        payload={"number": certificate.number, "valid_until": valid_until, "before": before},
    )
    return certificate
