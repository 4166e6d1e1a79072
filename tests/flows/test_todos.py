"""To-dos over the seeded demonstration: everybody has something real to do, and doing it is what makes it go away."""

import pytest

from catalog.queries.listings import listings_visible_to
from catalog.services.listings import listing_approve, listing_reject
from pricing.queries.declared import declarations_visible_to
from pricing.services.declarations import declaration_confirm
from procurement.bargaining.queries import desk
from procurement.bargaining.services.offers import offer_decline
from procurement.contracts.queries import contracts_to_sign
from procurement.contracts.services.contracts import contract_sign
from procurement.ordering.queries.orders import orders_to_answer, orders_visible_to
from procurement.ordering.services.approvals import order_approval_decide
from procurement.ordering.services.orders import order_accept
from procurement.receiving.queries.deliveries import deliveries_on_the_way
from procurement.receiving.queries.lateness import deliveries_late
from procurement.receiving.services.acceptances import acceptance_confirm
from procurement.receiving.services.orders import order_close
from settlement.queries.invoices import payables_to_pay
from settlement.queries.payments import runs_visible_to
from settlement.services.runs import run_approve, run_prepare
from sunlight import scope
from sunlight.approval.queries import awaiting
from sunlight.demo.cast import actors_by_username
from sunlight.demo.people import ORGANISATIONS
from sunlight.jobs.queries import failed_jobs
from sunlight.jobs.services.jobs import job_abandon
from sunlight.messages.queries import to_acknowledge
from sunlight.messages.services.messages import message_acknowledge
from sunlight.publicity.queries import objections_to_answer
from sunlight.publicity.services import objection_answer
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.changes import changes_to_decide
from sunlight.tenancy.queries.people import members_to_look_after
from sunlight.tenancy.queries.platforms import platform_by_code
from sunlight.tenancy.services.changes import change_confirm
from sunlight.tenancy.services.members import member_switch
from sunlight.web.navigation import Todo, todos_of
from supervision.queries import matters
from supervision.services.findings import finding_decide, finding_note
from supervision.services.journal_checks import journal_check_start
from tests.background import run_to_end

PEOPLE = [*(username for demo in ORGANISATIONS for username, _, _ in demo.team), "requester2"]


def _sign(actor, at):
    for contract in list(contracts_to_sign(actor)):
        contract_sign(actor=actor, at=at, contract_id=contract.id, text_sha256=contract.text_sha256)


def _receive(actor, at):
    for delivery in list(deliveries_on_the_way(actor)):
        lines = [
            {"delivery_line": row.id, "accepted": f"{row.quantity}", "rejected": "0", "reason": ""}
            for row in delivery.lines.all()
        ]
        acceptance_confirm(actor=actor, at=at, delivery_id=delivery.id, arrived_on=business_date(at), lines=lines)


def _pay(actor, at):
    run_prepare(actor=actor, at=at, payable_ids=[row.id for row in payables_to_pay(actor)])


def _approve_run(actor, at):
    for run in runs_visible_to(actor, state="PREPARED"):
        run_approve(actor=actor, at=at, run_id=run.id)


def _decline(actor, at):
    for offer in list(desk.offers_to_answer(actor, business_date(at))):
        offer_decline(actor=actor, at=at, offer_id=offer.id, reason="无法供货")


def _close(actor, at):
    """After the morning's goods are received, what is still late is not on its way."""
    for order in list(deliveries_late(orders_visible_to(actor), business_date(at))):
        order_close(actor=actor, at=at, order_id=order.id, reason="改用其他产品")


def _answer(actor, at):
    for order in list(orders_to_answer(actor)):
        order_accept(actor=actor, at=at, order_id=order.id)


def _review(actor, at):
    first, *rest = listings_visible_to(actor).filter(state="SUBMITTED").order_by("id")
    listing_approve(actor=actor, at=at, listing_id=first.id)
    for listing in rest:
        listing_reject(actor=actor, at=at, listing_id=listing.id, note="缺变更页")


def _confirm(actor, at):
    for row in list(declarations_visible_to(actor).filter(state="SUBMITTED")):
        declaration_confirm(actor=actor, at=at, declaration_id=row.id)


def _acknowledge(actor, at):
    for message in list(to_acknowledge(actor)):
        message_acknowledge(actor=actor, at=at, message_id=message.id)


def _answer_objections(actor, at):
    for objection in list(objections_to_answer(actor)):
        objection_answer(actor=actor, at=at, objection_id=objection.id, upheld=False, answer="经核对，申报属实")


def _looks_into(matter):
    def do(actor, at):
        for row in list(matters.open_rows(actor, matters.MATTERS[matter], business_date(at))):
            finding_note(
                actor=actor,
                at=at,
                matter=matter,
                matter_id=row.id,
                conclusion="EXPLAINED",
                note="已向双方核实原因",
            )

    return do


def _decide_proposals(actor, at):
    for finding in list(matters.findings_to_decide(actor)):
        finding_decide(actor=actor, at=at, finding_id=finding.id, agrees=True)


def _read_the_journal(actor, at):
    run_to_end(actor=actor, at=at, job_id=journal_check_start(actor=actor, at=at).id)


def _give_up(actor, at):
    for job in list(failed_jobs(actor)):
        job_abandon(actor=actor, at=at, job_id=job.id)


def _disable(actor, at):
    for people in members_to_look_after(actor):
        for member in people:
            member_switch(actor=actor, at=at, membership_id=member.pk, is_active=False)


def _agree_to_orders(actor, at):
    for request in awaiting(actor, business_date(at)):
        order_approval_decide(actor=actor, at=at, request_id=request.id, is_yes=True)


def _confirm_changes(actor, at):
    for change in changes_to_decide(actor):
        change_confirm(actor=actor, at=at, change_id=change.pk)


INITIAL, UNARMED = "尚未设置密码的人员", "未设第二重验证的关键岗位人员"
# Who does what, in the order of one morning; the money's two steps follow each other.
DONE_BY_DOING = [
    ("hauditor1", "逾期未送达的订单，须核查", _looks_into("deliveries_late")),
    ("hauditor3", "被冲销的验收，须核查", _looks_into("acceptances_reversed")),
    ("insurance.officer", "逾期未付的货款，须核查", _looks_into("payments_late")),
    ("market.officer", "逾期未送达的订单，须核查", _looks_into("deliveries_late")),
    ("support", "逾期未送达的订单，须核查", _looks_into("deliveries_late")),
    ("insurance.chief", "待决定的处置建议", _decide_proposals),
    ("insurance.chief", "日志封存链须核验", _read_the_journal),
    ("auditadmin", "日志封存链须核验", _read_the_journal),
    ("sysadmin", "未能完成的后台任务，须继续或放弃", _give_up),
    ("hadmin1b", "待您确认的权限变更", _confirm_changes),
    ("hadmin2b", "待您确认的权限变更", _confirm_changes),
    ("makeradmin1b", "待您确认的权限变更", _confirm_changes),
    ("secadmin", INITIAL, _disable),
    ("hadmin1", UNARMED, _disable),
    ("requester2", "待我审批的订单", _agree_to_orders),
    ("approver2", "待签署的合同", _sign),
    ("seller1", "待答复的报价", _decline),
    ("seller1", "待确认的订单", _answer),
    ("receiver1", "待验收的配送单", _receive),
    ("buyer1", "逾期未送达的订单，须催办或关闭", _close),
    ("cashier1", "待付款的发票", _pay),
    ("treasurer1", "待复核的付款批次", _approve_run),
    ("reviewer", "待审核的挂网申请", _review),
    ("confirmer", "确认省外价格申报", _confirm),
    ("support", "待答复的公示异议", _answer_objections),
    ("hauditor2", "须确认的消息", _acknowledge),
    ("makeradmin2", "须确认的消息", _acknowledge),
    ("shipper1", "须确认的消息", _acknowledge),
    ("insurance.officer", "须确认的消息", _acknowledge),
    ("sysadmin", "须确认的消息", _acknowledge),
]


@pytest.fixture
def people(demo_database):
    """Everybody of a seeded demonstration of this test's own, by username: who does what there is to do leaves nothing
    to the next."""
    with scope.login_scope():
        platform = platform_by_code("gd-sz")
    return actors_by_username(platform)


def todos(actor: Actor) -> dict[str, Todo]:
    with scope.opened(actor):
        return {todo.label: todo for todo in todos_of(actor, scope.today("gd-sz"))}


def test_everybody_has_something_to_do_overdue_first(people):
    idle, order = [], []
    for username in PEOPLE:
        found = list(todos(people[username]).values())
        if not found:
            idle.append(username)
        days = [todo.due_on for todo in found if todo.due_on]
        if [todo.due_on for todo in found][: len(days)] != sorted(days):
            order.append(username)
    assert (idle, order) == ([], [])


def test_doing_is_what_makes_a_todo_go_away(people):
    """In one morning, in one go: what one does may be what the next has to do."""
    left = []
    for username, label, do in DONE_BY_DOING:
        actor = people[username]
        before = todos(actor)
        assert label in before, f"{username}: {list(before)}"
        with scope.opened(actor):
            do(actor, scope.now("gd-sz"))
        if label in todos(actor):
            left.append((username, label))
    assert left == []
