"""Menu entries and to-dos of bargaining and contracts."""

from datetime import date

from django.urls import reverse

from procurement.bargaining.queries import desk
from procurement.contracts.queries import contracts_to_sign
from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.navigation import Todo

SECTION = "议价与采购"
HOSPITAL = (Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_AUDITOR, Role.HOSPITAL_REQUESTER)
WATCHING = (
    Role.OPERATOR_SUPPORT,
    Role.REGULATOR_OFFICER,
    Role.REGULATOR_CHIEF,
    Role.REGULATOR_AUDITOR,
)

navigation.add(SECTION, "找产品、报价", "procurement:products", *HOSPITAL, icon="search", order=10)
navigation.add(
    SECTION, "议价工作表", "procurement:sheets",
    Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_AUDITOR, icon="table", order=15,
)  # fmt: skip
navigation.add(SECTION, "待答复报价", "procurement:desk", Role.SUPPLIER_SELLER, icon="gavel", order=10)
navigation.add(SECTION, "我的议价", "procurement:offers", *HOSPITAL, Role.SUPPLIER_SELLER, icon="scale", order=20)
navigation.add(SECTION, "议价记录", "procurement:offers", *WATCHING, icon="scale", order=20)
navigation.add(
    SECTION, "合同", "procurement:contracts", *HOSPITAL, Role.SUPPLIER_SELLER, *WATCHING, icon="contract", order=30
)


@navigation.todo_provider
def bargaining_todos(actor: Actor, today: date) -> list[Todo]:
    """Offers to answer and contracts to sign."""
    todos = []
    if actor.has(Role.SUPPLIER_SELLER):
        count, due_on = desk.open_offer_figures(actor, today)
        todos.append(Todo("待答复的报价", count, reverse("procurement:desk"), due_on))
    if actor.has(Role.SUPPLIER_SELLER, Role.HOSPITAL_APPROVER):
        url = f"{reverse('procurement:contracts')}?todo=1"
        todos.append(Todo("待签署的合同", contracts_to_sign(actor).count(), url))
    return todos
