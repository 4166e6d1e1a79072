from django.urls import path
from django.utils.translation import gettext_lazy as _

from catalog.queries.listings import listings_visible_to
from sunlight.scope import Role
from sunlight.web.lists import Column, Empty, Table, list_page
from sunlight.web.pages import page

PRODUCTS = Table(
    key="recalls.products",
    url_name="recalls:products",
    section=_("召回"),
    title=_("召回产品"),
    rows=lambda request: listings_visible_to(request.actor),
    columns=(Column(_("编号"), "number", sort="number"), Column(_("状态"), "state", "state")),
    page_size=20,
    empty=Empty(_("没有召回"), _("没有需要召回的产品。")),
)


@page(Role.OPERATOR_REVIEWER)
def products(request):
    return list_page(request, PRODUCTS)


app_name = "recalls"
urlpatterns = [path("", products, name="products")]
