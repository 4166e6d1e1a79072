"""Chapter 8: what lies with those who watch and look after: matters to look into, a proposal to decide, an order to agree to,
people who never logged in, a job that came to a standstill, a supplier's account to verify."""

from procurement.ordering.queries.orders import delivery_points_of
from procurement.ordering.services.approvals import order_submit
from procurement.ordering.services.placing import BasketFacts
from settlement.services.accounts import account_change_ask, account_change_confirm
from sunlight import scope
from sunlight.approval.services import chain_set
from sunlight.demo.chapters.bargaining import Agreed
from sunlight.demo.chapters.listing import Group
from sunlight.demo.chapters.orders import lines_for
from sunlight.demo.chapters.today import agreed_by
from sunlight.demo.files.certificate import licence_pdf
from sunlight.demo.stage import Stage
from sunlight.jobs import tasks
from sunlight.jobs.services.jobs import job_start
from sunlight.scope import Client, Role
from sunlight.tenancy.queries.actors import actor_of_membership, memberships_of
from sunlight.tenancy.queries.people import members_of
from sunlight.tenancy.services.changes import change_confirm
from sunlight.tenancy.services.members import member_add, member_roles_set, member_switch
from sunlight.web.lists import taking
from supervision.queries import matters
from supervision.services.findings import finding_note
from supervision.workflows import Conclusion


def play(stage: Stage, groups: list[Group]) -> None:
    _findings(stage)
    _approval(stage, [a for a in agreed_by(stage, 2, groups) if a.group.maker == 1])
    _newcomers(stage)
    _broken_off(stage)
    _changed_account(stage)
    stage.news_travels(stage.today)
    stage.say("核查、审批、人员、收款账户与任务各有待办")


def _late_orders(stage: Stage, username: str) -> list:
    matter = matters.MATTERS["deliveries_late"]
    return stage.sees(username, lambda actor: matters.open_rows(actor, matter, stage.today))


def _findings(stage: Stage) -> None:
    """A hospital's auditor urged and looks again next week; an officer proposes, its chief has to decide."""
    first, *_rest = _late_orders(stage, "hauditor1")
    stage.does(
        "hauditor1",
        finding_note,
        on=stage.day(-1),
        hour=16,
        matter="deliveries_late",
        matter_id=first.id,
        conclusion=Conclusion.URGED,
        follow_up_on=stage.day(5),
        note="供应企业称到货批次缺一箱，已要求五个工作日内补齐或由采购员关闭未到部分。",
    )
    first, *_rest = _late_orders(stage, "insurance.officer")
    stage.does(
        "insurance.officer",
        finding_note,
        on=stage.day(-1),
        hour=15,
        matter="deliveries_late",
        matter_id=first.id,
        conclusion=Conclusion.ACTION,
        note="超过配送期限二十余个工作日，企业两次答复不一致，建议约谈生产企业和配送企业。",
    )


def _approval(stage: Stage, agreed: list[Agreed]) -> None:
    """The second hospital has orders agreed to by the department; one waits."""
    stage.cast.join("hospital2", "requester2", "林科室申请人", [Role.HOSPITAL_REQUESTER], stage.day(-5))
    steps = [
        {"label": "科室确认", "role": "HOSPITAL_REQUESTER", "from_fen": 0, "user_id": None},
        {"label": "采购审批", "role": "HOSPITAL_APPROVER", "from_fen": 10_000_000, "user_id": None},
    ]
    # A chain changes by two administrators and counts from the next day.
    change = stage.does("hadmin2", chain_set, on=stage.day(-4), matter="order", steps=steps)
    stage.does("hadmin2b", change_confirm, on=stage.day(-4), hour=11, change_id=change.pk)
    points = stage.sees("buyer2", delivery_points_of)
    facts = BasketFacts(delivery_point_id=points[0].id, lines=lines_for(agreed[:2], 1))
    stage.does("buyer2", order_submit, on=stage.day(-1), hour=11, facts=facts)


def _add_person(stage: Stage, by: str, second: str, day: int, **person):
    """Somebody asks that a person be added and another confirms it; a link to choose a password is on its way to them."""
    change = stage.does(by, member_add, on=stage.day(day), **person)
    stage.does(second, change_confirm, on=stage.day(day), hour=11, change_id=change.pk)
    with scope.opened(stage.cast[by]):
        return next(each for each in members_of(stage.cast[by]) if each.user.username == person["username"])


def _newcomers(stage: Stage) -> None:
    """People who were added and have not logged in: of a hospital's finance, of the operator. And what still waits for a
    second administrator: a role that approves, a new colleague, another finance."""
    cashier = {"username": "new.cashier1", "name": "新出纳", "roles": [Role.HOSPITAL_FINANCE], "phone": "13710000001"}
    _add_person(stage, "hadmin1", "hadmin1b", -3, **cashier)
    operator = stage.cast.organisations["operator"].id
    _add_person(
        stage,
        "secadmin",
        "sysadmin",
        -2,
        username="new.confirmer",
        name="价格确认员乙",
        roles=[Role.OPERATOR_CONFIRMER],
        phone="13710000002",
        organisation_id=operator,
    )
    auditor = next(each for each in stage.sees("hadmin1", members_of) if each.user.username == "hauditor1")
    roles = [*auditor.roles, Role.HOSPITAL_APPROVER]
    stage.does("hadmin1", member_roles_set, on=stage.day(-1), membership_id=auditor.pk, roles=roles)
    clerk = {"username": "new.buyer2", "name": "采购员乙", "roles": [Role.HOSPITAL_BUYER], "phone": "13710000003"}
    stage.does("hadmin2", member_add, on=stage.day(-1), **clerk)
    finance = {"username": "new.finance1", "name": "财务乙", "roles": [Role.SUPPLIER_FINANCE], "phone": "13710000004"}
    stage.does("makeradmin1", member_add, on=stage.day(-1), **finance)


def _changed_account(stage: Stage) -> None:
    """A maker changes its bank account; its second person confirmed, the operator has to verify."""
    change = stage.does(
        "makerfinance2",
        account_change_ask,
        on=stage.day(-2),
        bank_name="示范银行深圳南山支行",
        account_number="7559 0000 0000 8888 02",
        reason="原开户网点撤并",
        name="开户证明.pdf",
        content=licence_pdf("ACCOUNT-2"),
    )
    stage.does("makeradmin2", account_change_confirm, on=stage.day(-1), change_id=change.id)


def _broken_off(stage: Stage) -> None:
    """Somebody began to take a list away and left the firm before it was written."""
    leaver = {"username": "left.seller1", "name": "前销售专员", "roles": [Role.SUPPLIER_SELLER], "phone": "13710000005"}
    member = _add_person(stage, "makeradmin1", "makeradmin1b", -2, **leaver)
    with scope.login_scope():
        found = next(m for m in memberships_of(member.user_id) if m.pk == member.pk)
        leaver = actor_of_membership(found, Client(address="127.0.0.1", agent="seed"))
    parameters = {"list": "procurement.orders", "address": "/orders/", "language": "zh-hans"}
    with scope.opened(leaver):
        job_start(
            actor=leaver, at=stage.moment(stage.day(-2), 17), kind=taking.KIND, title="订单", parameters=parameters
        )
    stage.does("makeradmin1", member_switch, on=stage.day(-2), hour=18, membership_id=member.pk, is_active=False)
    tasks.jobs_run()
