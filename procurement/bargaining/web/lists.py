"""The lists of bargaining, contracts and distribution: what each shows, is filtered and sorted by."""

from django.utils.translation import gettext_lazy as _

from procurement.bargaining.queries import desk
from procurement.bargaining.queries import offers as bargaining
from procurement.ordering.queries import authorisations
from procurement.workflows import AuthorisationState, ContractState, OfferState
from sunlight.blocks.queries import approval
from sunlight.blocks.workflows import ApprovalState
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.roles import OrganisationKind
from sunlight.web.lists import Button, Column, Empty, Table, Ticks, to
from sunlight.web.lists.filters import Choice, Filters, Number, Since, State, Text, Until
from sunlight.web.pages import clock

SECTION = _("议价与采购")
TO_SIGN = "1"


def is_hospital(actor: Actor) -> bool:
    return actor.kind is OrganisationKind.HOSPITAL


def is_other(actor: Actor) -> bool:
    return not is_hospital(actor)


def desk_rows(request, offers):
    """Offers with what they are judged by and the working days left."""
    return desk.desk_rows(offers, business_date(clock(request)))


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
        Column(_("说明"), "offer.answer_note", key="note"),
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
            _("产品"), "offer.price_group.name", key="product", sort="price_group__name", below="offer.number",
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
            lambda row: _("按该价联动成交") if row.offer.on_silence == "link_price" else _("报价自动撤回"),
        ),
    ),
    filters=DeskFilters,
    trace=("offer", "offer.id"),
    actions="procurement/_decline.html",
    ticks=Ticks("offers", "accept", "offer.number", value="offer.id"),
    empty=Empty(_("没有待答复的报价"), _("医疗机构报价后会出现在这里，并显示答复期限。")),
)  # fmt: skip


class ContractFilters(Filters):
    state = State(ContractState)
    todo = Choice([(TO_SIGN, _("待我方签署"))], label=_("签署"))
    q = Number("number", label=_("合同编号"))
    party = Text("buyer__name", "seller__name", label=_("机构名称"))
    since = Since("valid_to", label=_("到期日起"))
    until = Until("valid_to", label=_("到期日止"))

    def filter_queryset(self, rows):
        if self.form.cleaned_data.get("todo"):
            rows = rows.filter(id__in=desk.contracts_to_sign(self.request.actor).order_by().values("id"))
        return super().filter_queryset(rows)


CONTRACTS = Table(
    key="procurement.contracts",
    url_name="procurement:contracts",
    section=SECTION,
    title=_("合同"),
    rows=lambda request: bargaining.contracts_visible_to(request.actor),
    columns=(
        Column(_("合同编号"), "number", "code", sort="number", link=to("procurement:contract")),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("生产企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("生效日"), "valid_from", "day", sort="valid_from"),
        Column(_("到期日"), "valid_to", "day", sort="valid_to"),
        Column(_("状态"), "state", "state"),
        Column(_("企业签署"), "seller_signed_at", "moment", sort="seller_signed_at"),
        Column(_("医疗机构签署"), "buyer_signed_at", "moment", sort="buyer_signed_at"),
    ),
    filters=ContractFilters,
    tabs="state",
    trace=("contract", "id"),
    empty=Empty(_("还没有合同"), _("企业接受报价后生成合同：企业先签署，医疗机构审批人再签署，双方签署后生效。")),
)


class AuthorisationFilters(Filters):
    state = State(AuthorisationState)
    party = Text("distributor__name", "manufacturer__name", label=_("企业名称"))
    q = Text("number", "price_group__name", "hospital__name", label=_("编号、产品或医院"))


def _scope_of(row) -> str:
    """What an authorisation is limited to, in words."""
    limits = [(_("产品："), row.price_group), (_("医院："), row.hospital), (_("地区："), row.region)]
    return "；".join(f"{label}{each.name}" for label, each in limits if each) or str(_("不限"))


def _authorisation_badges(row) -> list:
    ended = row.state == AuthorisationState.IN_FORCE and row.has_ended
    return [("secondary", _("已到期"))] if ended else []


def _with_end(request, rows):
    today, rows = business_date(clock(request)), list(rows)
    for row in rows:
        row.has_ended = row.valid_to < today
    return rows


AUTHORISATIONS = Table(
    key="procurement.authorisations",
    url_name="procurement:authorisations",
    section=SECTION,
    title=_("配送授权"),
    rows=lambda request: authorisations.authorisations_visible_to(request.actor).order_by("-id"),
    present=_with_end,
    columns=(
        Column(_("授权编号"), "number", "code", sort="number"),
        Column(
            _("生产企业"),
            "manufacturer.name",
            key="manufacturer",
            sort="manufacturer__name",
            only=lambda actor: not actor.has(Role.SUPPLIER_SELLER),
        ),
        Column(_("配送企业"), "distributor.name", key="distributor", sort="distributor__name"),
        Column(_("范围"), _scope_of, key="scope", badges=lambda row: [("blue", _("默认"))] if row.is_default else []),
        Column(_("开始"), "valid_from", "day", sort="valid_from"),
        Column(_("截止"), "valid_to", "day", sort="valid_to"),
        Column(_("状态"), "state", "state", badges=_authorisation_badges),
    ),
    filters=AuthorisationFilters,
    tabs="state",
    actions="procurement/_revoke.html",
    empty=lambda actor: Empty(
        _("没有配送授权"),
        _("没有授权时由本企业自行配送。请在右侧授权配送企业，可设一家默认。")
        if authorisations.is_manufacturer(actor)
        else _("生产企业授权后会显示在这里。"),
    ),
)


class ApprovalFilters(Filters):
    state = State(ApprovalState)
    q = Text("number", "asked_by_name", label=_("编号或提交人"))


APPROVALS = Table(
    key="procurement.approvals",
    url_name="procurement:approvals",
    section=SECTION,
    title=_("订单审批"),
    rows=lambda request: approval.requests_visible_to(request.actor),
    columns=(
        Column(_("编号"), "number", "code", sort="number", link=to("procurement:approval")),
        Column(_("事项"), "title"),
        Column(_("金额（元）"), "amount_fen", "yuan", sort="amount_fen"),
        Column(_("提交人"), "asked_by_name"),
        Column(_("提交时间"), "asked_at", "moment", sort="asked_at"),
        Column(_("状态"), "state", "state"),
    ),
    filters=ApprovalFilters,
    tabs="state",
    trace=("approval", "id"),
    empty=Empty(_("没有订单审批"), _("本单位管理员在“审批流程”中设置步骤与金额后，达到金额的订单会先到这里。")),
)
