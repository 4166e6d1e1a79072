"""Menu entries and to-dos of the catalogue; imported when the app starts."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog import readers
from catalog.queries.listings import listings_visible_to, waiting_for
from catalog.workflows import ListingState
from sunlight.scope import Actor, Role
from sunlight.scope.readers import REGULATORS, SUPPLIERS
from sunlight.web import figures, navigation
from sunlight.web.navigation import Todo

SECTION = "目录与挂网"

navigation.add(SECTION, "申请挂网", "catalog:products", Role.SUPPLIER_LISTER, icon="plus", order=10)
navigation.add(SECTION, "我的挂网", "catalog:listings", *SUPPLIERS, icon="list-details", order=20)
navigation.add(SECTION, "挂网审核", "catalog:review", Role.OPERATOR_REVIEWER, icon="checklist", order=10)
navigation.add(SECTION, "挂网产品", "catalog:listings", *(readers.LISTINGS - SUPPLIERS), icon="list-details", order=20)
navigation.add(SECTION, "导入国家目录", "catalog:releases", *readers.RELEASES, icon="upload", order=30)
navigation.add(SECTION, "国家目录检索", "catalog:codes", *readers.NATIONAL_CODES, icon="search", order=40)

figures.add(
    _("已挂网产品"),
    "catalog.listings",
    {"state": ListingState.LISTED},
    *readers.MAKERS,
    Role.OPERATOR_REVIEWER,
    *REGULATORS,
)
figures.add(_("待审核的挂网申请"), "catalog.listings", {"state": ListingState.SUBMITTED}, Role.OPERATOR_REVIEWER)
figures.add(_("审核中的挂网申请"), "catalog.listings", {"state": ListingState.SUBMITTED}, *readers.MAKERS)
figures.add(_("被退回的挂网申请"), "catalog.listings", {"state": ListingState.REJECTED}, *readers.MAKERS)
figures.add(_("本月导入"), "catalog.releases", figures.month(), *readers.RELEASES)


@navigation.todo_provider
def catalog_todos(actor: Actor, today: date) -> list[Todo]:
    """Applications to review, to submit and to correct."""
    listings = reverse("catalog:listings")
    if actor.has(Role.OPERATOR_REVIEWER):
        waiting = waiting_for(actor).count()
        return [Todo("待审核的挂网申请", waiting, reverse("catalog:review"))]
    if actor.has(Role.SUPPLIER_LISTER):
        own = listings_visible_to(actor)
        return [
            Todo(
                "被退回、待修改的挂网申请",
                own.filter(state=ListingState.REJECTED).count(),
                f"{listings}?state={ListingState.REJECTED}",
            ),
            Todo(
                "待签署承诺并提交的挂网申请",
                own.filter(state=ListingState.DRAFT).count(),
                f"{listings}?state={ListingState.DRAFT}",
            ),
        ]
    return []
