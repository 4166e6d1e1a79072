"""The lists of offers, made and to be answered: what each shows, is filtered and sorted by."""

from django.utils.translation import gettext_lazy as _

from procurement.bargaining.queries import desk
from procurement.bargaining.queries import offers as bargaining
from procurement.bargaining.workflows import OfferState
from procurement.contracts.web.lists import SECTION, is_hospital, is_other
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.web.lists import Button, Column, Empty, Table, Ticks, to
from sunlight.web.lists.filters import Filters, Since, State, Text, Until
from sunlight.web.pages import clock


def desk_rows(request, offers):
    """Offers with what they are judged by and the working days left."""
    return desk.desk_rows(offers, business_date(clock(request)), request.actor.drafts)


class OfferFilters(Filters):
    state = State(OfferState)
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("seller__name", "buyer__name", label=_("对方机构"))
    since = Since("made_at", label=_("报价日起"), moments=True)
    until = Until("made_at", label=_("报价日止"), moments=True)


def _no_offers(actor: Actor) -> Empty:
    if actor.has(Role.HOSPITAL_BUYER):
        hint = _("从“找产品、报价”选择产品并报价，答复进度会显示在这里。")
        return Empty(_("还没有议价"), hint, "procurement:products", _("找产品、报价"))
    return Empty(_("还没有议价"), _("医疗机构报价后会显示在这里。"))


OFFERS = Table(
    key="procurement.offers",
    url_name="procurement:offers",
    section=SECTION,
    title=lambda actor: _("我的议价") if is_hospital(actor) else _("议价记录"),
    rows=lambda request: bargaining.offers_visible_to(request.actor),
    present=desk_rows,
    columns=(
        Column(
            _("报价编号"), "offer.number", "code", key="number", sort="number", link=to("procurement:offer", "offer.id")
        ),
        Column(_("报价时间"), "offer.made_at", "moment", key="made_at", sort="made_at"),
        Column(_("产品"), "offer.price_group.name", key="product", sort="price_group__name"),
        Column(_("生产企业"), "offer.seller.name", key="seller", sort="seller__name", only=is_hospital),
        Column(_("医疗机构"), "offer.buyer.name", key="buyer", sort="buyer__name", only=is_other),
        Column(_("报价（元）"), "offer.price", "price", key="price", sort="price"),
        Column(_("数量"), "quantity_text", key="quantity", sort="quantity"),
        Column(_("状态"), "offer.state", "state", key="state"),
        Column(
            _("答复期限"), "offer.answer_due_on", "day", key="due", sort="answer_due_on", cell="procurement/_due.html"
        ),
        Column(_("说明"), "offer.answer_note", "sentence", key="note"),
    ),
    filters=OfferFilters,
    tabs="state",
    trace=("offer", "offer.id"),
    buttons=(
        Button(_("找产品、报价"), "procurement:products", primary=True, only=lambda a: a.has(Role.HOSPITAL_BUYER)),
    ),
    empty=_no_offers,
)


class DeskFilters(Filters):
    q = Text("number", "price_group__name", "price_group__generic_code", label=_("编号、产品或 20 位码"))
    party = Text("buyer__name", label=_("医疗机构"))


OFFER_DESK = Table(
    key="procurement.offer_desk",
    url_name="procurement:desk",
    section=SECTION,
    title=_("待答复报价"),
    rows=lambda request: desk.offers_to_answer(request.actor, business_date(clock(request))),
    present=desk_rows,
    columns=(
        Column(_("医疗机构"), "offer.buyer.name", key="buyer", sort="buyer__name"),
        Column(
            _("产品"),
            "offer.price_group.name",
            key="product",
            sort="price_group__name",
            below="offer.number",
            link=to("procurement:offer", "offer.id"),
        ),
        Column(
            _("报价（元）"), "offer.price", "price", key="price", sort="price", cell="procurement/_offered_price.html"
        ),
        Column(_("挂网价（元）"), "prices.listed.price", "price"),
        Column(_("预警线（元）"), "prices.alert.line", "price"),
        Column(_("数量"), "quantity_text", key="quantity", sort="quantity"),
        Column(
            _("答复期限"), "offer.answer_due_on", "day", key="due", sort="answer_due_on", cell="procurement/_due.html"
        ),
        Column(
            _("未答复的后果"),
            lambda row: _("挂网价联动至该价") if row.offer.on_silence == "link_price" else _("报价自动撤回"),
        ),
    ),
    filters=DeskFilters,
    trace=("offer", "offer.id"),
    actions="procurement/_decline.html",
    ticks=Ticks("offers", "accept", "offer.number", value="offer.id"),
    empty=Empty(_("没有待答复的报价"), _("医疗机构报价后会出现在这里，并显示答复期限。")),
)
