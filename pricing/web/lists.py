"""The lists of prices: what each shows, is filtered and sorted by."""

from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from pricing.queries.declared import declarations_visible_to
from pricing.workflows import DeclarationState
from sunlight.scope import Actor, Role
from sunlight.web.lists import Column, Empty, Table, to
from sunlight.web.lists.filters import Filters, Since, State, Text, Until

SECTION = _("价格")


class DeclarationFilters(Filters):
    state = State(DeclarationState)
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("申报号、产品或 20 位码"))
    party = Text("manufacturer__name", label=_("企业"))
    since = Since("submitted_at", label=_("申报日起"), moments=True)
    until = Until("submitted_at", label=_("申报日止"), moments=True)


def _no_declarations(actor: Actor) -> Empty:
    hint = _("生产企业的挂网专员在“省外价格申报”中按产品填写，或上传价格表。")
    way = ("pricing:products", _("省外价格申报")) if actor.has(Role.SUPPLIER_LISTER) else ()
    return Empty(_("没有价格申报"), hint, *way)


DECLARATIONS = Table(
    key="pricing.declarations",
    url_name="pricing:declarations",
    section=SECTION,
    title=_("省外价格申报记录"),
    rows=lambda request: declarations_visible_to(request.actor),
    columns=(
        Column(_("申报号"), "number", "code", sort="number", link=to("pricing:declaration")),
        Column(_("产品"), "price_group.name", key="product", sort="price_group__name"),
        Column(_("企业"), "manufacturer.name", key="maker", sort="manufacturer__name"),
        Column(_("省份数"), "provinces", "count", sort="provinces"),
        Column(_("申报时间"), "submitted_at", "moment", sort="submitted_at"),
        Column(_("状态"), "state", "state"),
        Column(_("意见"), lambda row: Truncator(row.decision_note).chars(60), "sentence", key="note"),
    ),
    filters=DeclarationFilters,
    tabs="state",
    trace=("declaration", "id"),
    page_size=30,
    empty=_no_declarations,
)
