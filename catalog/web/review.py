"""The reviewer's desk: applications one after another, declared next to registered, decided by keyboard."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from catalog.queries.review import listing_review, waiting_ids
from catalog.services import listings as services
from catalog.workflows import ListingState
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page
from sunlight.web.review import Desk, decision_of, next_id, note_of, placed, version_of

REASONS = (
    "产品名称与注册证或国家目录不一致",
    "注册证已到期或有效期未更新",
    "生产企业或代理关系不符",
    "计价单位或包装换算有误",
    "高于同证同码的其他计价组，理由不充分",
    "申报价与同类或历史价格差异过大，请说明",
    "规格编码选择有误",
)


@page(Role.OPERATOR_REVIEWER, methods=("GET", "POST"))
def review(request, listing_id: int | None = None):
    """The application that has waited longest, or the one asked for; after a decision the next is there at once. There is
    one review of each (GD25-2.2c)."""
    ids = waiting_ids(request.actor)
    shown, refusal = listing_id or (ids[0] if ids else None), None
    if request.method == "POST" and listing_id is not None:
        done, refusal = _decide(request, listing_id)
        if done is not None:
            following = next_id(ids, listing_id)
            if not request.htmx:
                return redirect("catalog:review_one", following) if following else redirect("catalog:review")
            shown, ids = following, [each for each in ids if each != listing_id]
    return _show(request, ids, shown, refusal)


def _show(request, ids: list[int], shown: int | None, refusal: Refused | None):
    template = "catalog/_review.html" if request.htmx else "catalog/review.html"
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    if shown is None:
        return render(request, template, {"found": None, "desk": None, "refusal": refusal, "typed": ""}, status=status)
    found = listing_review(request.actor, shown, business_date(clock(request)))
    listing = found.view.listing
    decidable = bool({"approve", "confirm"} & found.view.moves)
    desk = Desk(
        item_id=listing.id,
        number=listing.number,
        version=listing.version,
        action=reverse("catalog:review_one", args=[listing.id]),
        accept="approve",
        accept_label=_accept_label(found),
        reasons=REASONS,
        hindrance=found.hindrance,
        **placed(ids, listing.id, lambda each: reverse("catalog:review_one", args=[each])),
    )
    context = {
        "found": found,
        "listing": listing,
        "view": found.view,
        "differences": found.differences,
        "sisters": found.view.sisters,
        "desk": desk,
        "decidable": decidable,
        "refusal": refusal,
        "typed": request.POST.get("note", "") if refusal else "",
    }
    return render(request, template, context, status=status)


def _accept_label(found) -> str:
    if found.view.listing.state == ListingState.ENDORSED:
        return _("复审通过，挂网")
    return _("初审同意，转另一名审核员") if found.is_dearer else _("审核通过，挂网")


def _decide(request, listing_id: int):
    note, at, seen = note_of(request.POST), clock(request), version_of(request.POST)
    facts = {"actor": request.actor, "at": at, "listing_id": listing_id, "note": note, "version": seen}
    if decision_of(request.POST, "approve", "reject") == "approve":
        done, refusal = attempt(request, lambda: services.listing_approve(**facts))
        text = _("已审核通过并挂网：%(name)s。")
    else:
        done, refusal = attempt(request, lambda: services.listing_reject(**facts))
        text = _("已退回：%(name)s。")
    if done is not None:
        if done.state == ListingState.PUBLICISED:
            text = _("已审核通过并开始公示，公示期满无异议后自动挂网：%(name)s。")
        elif done.state == ListingState.ENDORSED:
            text = _("已初审同意，须由另一名审核员复审：%(name)s。")
        elif done.state == ListingState.JOINED:
            text = _("已审核通过，规格已并入同一计价组的挂网：%(name)s。")
        messages.success(request, text % {"name": done.price_group.name})
    return done, refusal


routes = [
    path("review/", review, name="review"),
    path("review/<int:listing_id>/", review, name="review_one"),
]
