"""The list of contracts, and what every list of a purchase shares."""

from django.utils.translation import gettext_lazy as _

from procurement.contracts import queries
from procurement.contracts.workflows import ContractState
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind
from sunlight.web.lists import Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Number, Since, State, Text, Until

SECTION = _("议价与采购")
TO_SIGN = "1"


def is_hospital(actor: Actor) -> bool:
    return actor.kind is OrganisationKind.HOSPITAL


def is_other(actor: Actor) -> bool:
    return not is_hospital(actor)


class ContractFilters(Filters):
    state = State(ContractState)
    todo = Choice([(TO_SIGN, _("待我方签署"))], label=_("签署"))
    q = Number("number", label=_("合同编号"))
    party = Text("buyer__name", "seller__name", label=_("机构名称"))
    since = Since("valid_to", label=_("到期日起"))
    until = Until("valid_to", label=_("到期日止"))

    def filter_queryset(self, rows):
        if self.form.cleaned_data.get("todo"):
            rows = rows.filter(id__in=queries.contracts_to_sign(self.request.actor).order_by().values("id"))
        return super().filter_queryset(rows)


CONTRACTS = Table(
    key="procurement.contracts",
    url_name="procurement:contracts",
    section=SECTION,
    title=_("合同"),
    rows=lambda request: queries.contracts_visible_to(request.actor),
    columns=(
        Column(_("合同编号"), "number", "code", sort="number", link=to("procurement:contract")),
        Column(_("医疗机构"), "buyer.name", key="buyer", sort="buyer__name"),
        Column(_("生产企业"), "seller.name", key="seller", sort="seller__name"),
        Column(_("生效日"), "valid_from", "day", sort="valid_from"),
        Column(_("到期日"), "valid_to", "day", sort="valid_to"),
        Column(_("付款期限（自验收起，日）"), "payment_days", "count", sort="payment_days"),
        Column(_("状态"), "state", "state"),
        Column(_("企业签署"), "seller_signed_at", "moment", sort="seller_signed_at"),
        Column(_("医疗机构签署"), "buyer_signed_at", "moment", sort="buyer_signed_at"),
    ),
    filters=ContractFilters,
    tabs="state",
    trace=("contract", "id"),
    empty=Empty(_("还没有合同"), _("企业接受报价后生成合同：企业先签署，医疗机构审批人再签署，双方签署后生效。")),
)
