"""Menu and to-dos of prices."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pricing import readers
from pricing.queries.declared import declarations_visible_to
from pricing.queries.notices import notices_visible_to
from pricing.queries.products import undeclared_price_groups
from pricing.queries.references import references_visible_to
from pricing.workflows import DeclarationState, NoticeState, ReferenceState
from sunlight.scope import Actor
from sunlight.scope.roles import Role
from sunlight.web import figures, navigation
from sunlight.web.navigation import Todo

navigation.add("价格", "省外价格申报", "pricing:products", Role.SUPPLIER_LISTER, icon="coin-yuan", order=10)
navigation.add("价格", "价格确认", "pricing:confirmations", Role.OPERATOR_CONFIRMER, icon="checklist", order=10)
navigation.add("价格", "申报记录", "pricing:declarations", *readers.DECLARATIONS, icon="list", order=20)

navigation.add("价格", "挂网参考价", "pricing:references", *readers.REFERENCE_PRICES, icon="chart-bar", order=22)
navigation.add("价格", "挂网价调整公告", "pricing:notices", *readers.PRICE_NOTICES, icon="bell", order=24)

navigation.add("价格", "夜间任务", "pricing:nightly", *readers.NIGHTLY_RUNS, icon="clock", order=30)

figures.add(
    _("待确认的省外价格申报"),
    "pricing.declarations",
    {"state": DeclarationState.SUBMITTED},
    Role.SUPPLIER_LISTER,
    Role.OPERATOR_CONFIRMER,
)
figures.add(_("本月申报"), "pricing.declarations", figures.month(), Role.OPERATOR_CONFIRMER)


@navigation.todo_provider
def declarations_to_confirm(actor: Actor, today: date) -> list[Todo]:
    """For the operator's confirmer: declarations awaiting confirmation."""
    if not actor.has(Role.OPERATOR_CONFIRMER):
        return []
    waiting = declarations_visible_to(actor).filter(state=DeclarationState.SUBMITTED).count()
    return [Todo("确认省外价格申报", waiting, reverse("pricing:confirmations"))]


@navigation.todo_provider
def references_to_publish(actor: Actor, today: date) -> list[Todo]:
    """For the operator's confirmer: collected lowest prices that wait to be published."""
    if not actor.has(Role.OPERATOR_CONFIRMER):
        return []
    waiting = references_visible_to(actor).filter(state=ReferenceState.COLLECTED).count()
    address = f"{reverse('pricing:references')}?state={ReferenceState.COLLECTED}"
    return [Todo("公示采集的参考价", waiting, address)]


@navigation.todo_provider
def notices_running(actor: Actor, today: date) -> list[Todo]:
    """For the maker's lister: listed prices of its products that are about to fall."""
    if not actor.has(Role.SUPPLIER_LISTER):
        return []
    running = notices_visible_to(actor).filter(state=NoticeState.PUBLISHED).count()
    return [Todo("公示中的挂网价调整", running, f"{reverse('pricing:notices')}?state={NoticeState.PUBLISHED}")]


@navigation.todo_provider
def products_without_prices(actor: Actor, today: date) -> list[Todo]:
    """For the maker's lister: listed products for which no other province's price stands or awaits confirmation."""
    if not actor.has(Role.SUPPLIER_LISTER):
        return []
    return [Todo("申报省外价格", undeclared_price_groups(actor).count(), reverse("pricing:products"))]
