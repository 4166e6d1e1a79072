"""Menu entries and to-dos of bargaining and contracts."""

from datetime import date

from django.urls import reverse

from procurement import readers
from procurement.bargaining.queries import desk
from procurement.bargaining.queries.clearances import clearances_visible_to
from procurement.bargaining.queries.reviews import waiting_reviews
from procurement.bargaining.workflows import ClearanceState
from procurement.contracts.queries import consents_to_confirm, contracts_to_sign
from sunlight.scope import Actor, Role
from sunlight.scope.readers import WATCHING
from sunlight.web import navigation
from sunlight.web.navigation import Todo

SECTION = "议价与采购"

navigation.add(SECTION, "找产品、报价", "procurement:products", *readers.PRODUCTS, icon="search", order=10)
navigation.add(SECTION, "议价工作表", "procurement:sheets", *readers.OFFER_SHEETS, icon="table", order=15)
navigation.add(SECTION, "待答复报价", "procurement:desk", Role.SUPPLIER_SELLER, icon="gavel", order=10)
navigation.add(SECTION, "我的议价", "procurement:offers", *(readers.OFFERS - WATCHING), icon="scale", order=20)
navigation.add(SECTION, "议价记录", "procurement:offers", *WATCHING, icon="scale", order=20)
navigation.add(SECTION, "价格审核", "procurement:price_reviews", *readers.PRICE_REVIEWS, icon="checklist", order=22)
navigation.add(
    SECTION, "首批成交产品", "procurement:first_deals", *readers.FIRST_DEALS, icon="clipboard-check", order=24
)
navigation.add(SECTION, "长期不议价", "procurement:bargain_watch", *readers.BARGAIN_WATCH, icon="clock", order=25)
navigation.add(SECTION, "拦截放行", "procurement:clearances", *readers.CLEARANCES, icon="gavel", order=26)
navigation.add(SECTION, "合同", "procurement:contracts", *readers.CONTRACTS, icon="contract", order=30)

navigation.add(SECTION, "常设同意", "procurement:consents", *readers.STANDING_CONSENTS, icon="signature", order=35)


@navigation.todo_provider
def bargaining_todos(actor: Actor, today: date) -> list[Todo]:
    """Offers to answer, contracts to sign, prices to review, clearances to decide."""
    todos = []
    if actor.has(Role.SUPPLIER_SELLER):
        count, due_on = desk.open_offer_figures(actor, today)
        todos.append(Todo("待答复的报价", count, reverse("procurement:desk"), due_on))
    if actor.has(Role.SUPPLIER_SELLER, Role.HOSPITAL_APPROVER):
        url = f"{reverse('procurement:contracts')}?todo=1"
        todos.append(Todo("待签署的合同", contracts_to_sign(actor).count(), url))
    if actor.has(Role.SUPPLIER_ADMIN):
        waiting = consents_to_confirm(actor).count()
        todos.append(Todo("待确认的常设同意", waiting, reverse("procurement:consents")))
    if actor.has(Role.OPERATOR_CONFIRMER):
        todos.append(Todo("待审核的价格", waiting_reviews(actor).count(), reverse("procurement:price_reviews")))
    if actor.has(Role.REGULATOR_CHIEF):
        waiting = clearances_visible_to(actor).filter(state=ClearanceState.PROPOSED).count()
        todos.append(Todo("待决定的放行", waiting, f"{reverse('procurement:clearances')}?state=PROPOSED"))
    return todos
