"""Notices that move a listed price: who sees which, and what comes next."""

from datetime import timedelta

from django.db.models import QuerySet

from pricing.models import PriceNotice
from pricing.workflows import NoticeState
from sunlight.journal.refusals import NotThere
from sunlight.kernel.policy import Law
from sunlight.publicity.workflows import PublicationState
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind


def notices_visible_to(actor: Actor) -> QuerySet[PriceNotice]:
    """Notices of the actor's platforms, the newest first; a supplier's of its own products."""
    rows = PriceNotice.objects.select_related("price_group", "manufacturer", "region", "publication").order_by("-id")
    if actor.kind is OrganisationKind.SUPPLIER:
        return rows.filter(platform_id=actor.platform_id, manufacturer_id=actor.organisation_id)
    return rows.filter(platform_id__in=actor.platform_ids or [actor.platform_id])


def access_notice(actor: Actor, notice_id: int) -> PriceNotice:
    """One notice the actor may see. Raises NotThere."""
    found = notices_visible_to(actor).filter(id=notice_id).first()
    if found is None:
        raise NotThere("挂网价调整公告")
    return found


def next_step(law: Law, notice: PriceNotice) -> str:
    """What comes next, or what became of it, in a sentence."""
    if notice.state == NoticeState.EFFECTIVE:
        return f"自 {notice.effective_on} 起按新挂网价执行。"
    if notice.state != NoticeState.PUBLISHED:
        return notice.ended_note or "挂网价不作调整。"
    publication = notice.publication
    if publication is None:
        return "尚未公示，挂网价不作调整。"
    if publication.state == PublicationState.JUDGING:
        return "公示期已满，异议处理中：答复之前挂网价不调整，异议成立的不再调整。"
    first = publication.ends_on + timedelta(days=law.at("publicity.first_day").value)
    return f"公示至 {publication.ends_on} 24 时；期满无异议或异议不成立的，自 {first} 起执行。不产生合同。"


def lock_notice(notice_id: int) -> PriceNotice:
    """A notice locked for the system's next step. Raises NotThere."""
    rows = PriceNotice.objects.select_for_update(of=("self",))
    found = rows.select_related("listing", "price_group", "region", "publication").filter(id=notice_id).first()
    if found is None:
        raise NotThere("挂网价调整公告")
    return found


def under_notice(*, region_id: int, price_group_id: int) -> QuerySet[PriceNotice]:
    """The notices of a product that run, the lowest price first."""
    rows = PriceNotice.objects.filter(region_id=region_id, price_group_id=price_group_id)
    return rows.filter(state=NoticeState.PUBLISHED).order_by("new_price")
