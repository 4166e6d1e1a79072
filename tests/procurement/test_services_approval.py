"""Orders above an amount wait for the hospital's own approval, and take no quantity until they have it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError

from procurement.contracts.services import contracts
from procurement.ordering.models import Order
from procurement.ordering.services.approvals import order_approval_decide, order_submit
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.approval import queries
from sunlight.approval import services as approvals
from sunlight.approval.models import ApprovalAct, ApprovalChain, ApprovalRequest
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere, Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.scope.principal import Principal, PrincipalKind
from sunlight.tenancy.models import Membership
from sunlight.tenancy.services.changes import change_confirm
from tests.confirming import chain_in_force
from tests.factories import orders as factories
from tests.factories import procurement

BUYER, APPROVER, ADMIN = Role.HOSPITAL_BUYER, Role.HOSPITAL_APPROVER, Role.HOSPITAL_ADMIN
# 100 pieces at 90 CNY: 9,000 CNY.
AMOUNT = 900_000
TWO = [
    {"label": "采购科", "role": "HOSPITAL_APPROVER", "from_fen": 500_000},
    {"label": "院领导", "role": "HOSPITAL_ADMIN", "from_fen": AMOUNT},
    {"label": "院长办公会", "role": "HOSPITAL_ADMIN", "from_fen": AMOUNT + 1},
]


def holding(actor, *roles):
    """An actor with roles that no membership holds together any more: the machine's own duties must bar them alone."""
    return replace(actor, roles=actor.roles | set(roles))


class Desk:
    """The hospital's people, each doing one thing in their own scope."""

    def __init__(self, world, at, agreed):
        self.world, self.at, self.agreement = world, at, agreed
        self.point = factories.point(world)
        with scope.opened(world.system):
            self.line = factories.line(agreed)
        self.buyer, self.admin = world.actor("hospital", BUYER), world.actor("hospital", ADMIN)
        self.approver = world.actor("hospital", APPROVER)

    def does(self, actor, call, *, at=None, **facts):
        with scope.opened(actor):
            return call(actor=actor, at=at or self.at, **facts)

    def chain(self, steps=TWO, *, at=None):
        return chain_in_force(self.world, steps, at or self.at)

    def facts(self, **changes):
        return BasketFacts(lines=[self.line | changes], delivery_point_id=self.point.id)

    def submit(self, actor=None, **changes):
        return self.does(actor or self.buyer, order_submit, facts=self.facts(**changes))

    def decide(self, actor, request, *, is_yes=True, note="", at=None):
        return self.does(actor, order_approval_decide, request_id=request.id, is_yes=is_yes, note=note, at=at)

    def kept(self, model, **where):
        with scope.opened(self.world.system):
            return list(model.objects.filter(**where).order_by("id"))

    def nothing_ordered(self) -> bool:
        return not self.kept(Order)


@pytest.fixture
def desk(world, at, product):
    return Desk(world, at, procurement.agreed(world, product, price="90", quantity="150", at=at))


def test_without_a_chain_or_below_its_bands_an_order_goes_out_at_once(desk):
    assert len(desk.submit(quantity="50").orders) == 1
    desk.chain([{"label": "采购科", "role": "HOSPITAL_APPROVER", "from_fen": AMOUNT + 1}])
    below = desk.submit(quantity="50")
    assert len(below.orders) == 1 and below.request is None
    desk.chain([])
    assert len(desk.submit(quantity="50").orders) == 1


def test_above_a_band_each_step_is_taken_and_the_last_one_orders(desk):
    chain = desk.chain(TWO[:2])
    request = desk.submit().request
    assert [step["label"] for step in request.steps] == ["采购科", "院领导"]
    assert (request.amount_fen, request.chain_id, desk.nothing_ordered()) == (AMOUNT, chain.id, True)
    # Nothing is bound while it waits: the agreement's 150 still carry another order below the band.
    assert len(desk.submit(quantity="50").orders) == 1
    first = desk.decide(desk.approver, request, note="同意")
    assert (first.state, first.step) == ("PENDING", 1) and len(desk.kept(Order)) == 1
    last = desk.decide(desk.admin, request)
    (order,) = desk.kept(Order, id__in=last.result["orders"])
    assert (last.state, order.amount_fen, order.placed_by) == ("APPROVED", AMOUNT, desk.buyer.acting)
    names = [e.name for e in desk.kept(Event, subject_type="approval")]
    assert names == ["approval_asked", "approval_passed", "approval_passed"]
    assert [(a.step, a.acted_by) for a in desk.kept(ApprovalAct)] == [
        (0, desk.approver.acting),
        (1, desk.admin.acting),
    ]


def test_order_place_itself_may_not_pass_the_chain_by(desk):
    desk.chain()
    with pytest.raises(Refused) as refused:
        desk.does(desk.buyer, order_place, facts=BasketFacts([desk.line], desk.point.id))
    assert refused.value.code == "approval_needed" and "采购科、院领导" in refused.value.message
    request = desk.submit().request
    desk.decide(desk.approver, request)
    with pytest.raises(Refused):
        desk.does(desk.buyer, order_place, facts=BasketFacts([desk.line], desk.point.id), approved=request)
    assert desk.nothing_ordered()


def test_what_may_no_longer_be_ordered_is_not_approved_either(desk, at):
    desk.chain(TWO[:1])
    request = desk.submit().request
    seller = desk.world.actor("maker", Role.SUPPLIER_SELLER)
    desk.does(seller, contracts.contract_end, contract_id=desk.agreement.contract_id, reason="停产")
    with pytest.raises(Refused):
        desk.decide(desk.approver, request)
    (row,) = desk.kept(ApprovalRequest)
    assert (row.state, row.step, desk.kept(ApprovalAct), desk.nothing_ordered()) == ("PENDING", 0, [], True)


def refused_step(desk, actor, request, code, kind=Forbidden, **more):
    before = [(r.state, r.step, r.version) for r in desk.kept(ApprovalRequest)]
    with pytest.raises(kind) as refused:
        desk.decide(actor, request, **more)
    assert refused.value.code == code
    assert [(r.state, r.step, r.version) for r in desk.kept(ApprovalRequest)] == before
    if refused.value.on_record:
        assert desk.kept(Refusal)[-1].code == code
    assert desk.nothing_ordered()


def test_who_may_not_take_a_step(desk, world):
    both = holding(world.actor("hospital", APPROVER, ADMIN, person="both"), BUYER)
    desk.chain()
    request = desk.submit(both).request
    refused_step(desk, both, request, "approval_own")
    refused_step(desk, desk.buyer, request, "approval_not_asked")
    refused_step(desk, desk.admin, request, "approval_not_asked")  # the second step's, not the first's
    for stranger in (world.actor("other_hospital", APPROVER), world.actor("maker", Role.SUPPLIER_ADMIN)):
        refused_step(desk, stranger, request, "not_found", NotThere)
    refused_step(desk, desk.approver, request, "reason_missing", Invalid, is_yes=False)
    twice = world.actor("hospital", APPROVER, ADMIN)
    assert desk.decide(twice, request).step == 1
    refused_step(desk, twice, request, "approval_twice")
    refused_step(desk, desk.approver, request, "approval_not_asked")


@pytest.mark.duty("approval", "pass_step", "ask")
@pytest.mark.duty("approval", "approve", "ask")
@pytest.mark.duty("approval", "reject", "ask")
@pytest.mark.duty("approval", "pass_step", "earlier step")
@pytest.mark.duty("approval", "approve", "earlier step")
@pytest.mark.duty("approval", "reject", "earlier step")
def test_neither_the_asker_nor_who_took_a_step_takes_one(desk, world):
    asker = holding(world.actor("hospital", APPROVER, person="asker"), BUYER)
    approver = world.actor("hospital", APPROVER, ADMIN)
    for steps in (2, 3):
        desk.chain([TWO[0] | {"label": f"第{step}步"} for step in range(steps)])
        request = desk.submit(asker).request
        refused_step(desk, asker, request, "approval_own")
        refused_step(desk, asker, request, "approval_own", is_yes=False, note="超出预算")
        assert desk.decide(approver, request).step == 1
        refused_step(desk, approver, request, "approval_twice")
        refused_step(desk, approver, request, "approval_twice", is_yes=False, note="超出预算")
    desk.chain([TWO[0]])
    refused_step(desk, asker, desk.submit(asker).request, "approval_own")


def test_a_no_ends_it_and_a_withdrawal_too(desk):
    desk.chain()
    request, other = desk.submit().request, desk.submit().request
    assert desk.decide(desk.approver, request, is_yes=False, note="超出预算").state == "REJECTED"
    refused_step(desk, desk.approver, request, "illegal_move", Conflict)
    with pytest.raises(Forbidden):
        desk.does(desk.approver, approvals.approval_withdraw, request_id=other.id)
    assert desk.does(desk.buyer, approvals.approval_withdraw, request_id=other.id).state == "WITHDRAWN"
    refused_step(desk, desk.approver, other, "illegal_move", Conflict)
    with pytest.raises(Conflict):
        desk.does(desk.buyer, approvals.approval_withdraw, request_id=request.id)


def test_a_delegate_acts_in_time_and_not_out_of_it(desk, world):
    desk.chain([TWO[0] | {"from_fen": 0}])
    stand_in, on = world.actor("hospital", Role.HOSPITAL_FINANCE), business_date(desk.at)
    days = {"from_date": on + timedelta(days=2), "to_date": on + timedelta(days=3)}
    made = desk.does(desk.approver, approvals.delegation_make, delegate_id=stand_in.user_id, **days)
    request = desk.submit().request
    for day in (1, 4):
        refused_step(desk, stand_in, request, "approval_not_asked", at=desk.at + timedelta(days=day))
    with scope.opened(stand_in):
        assert queries.awaiting(stand_in, on) == []
        assert [r.id for r in queries.awaiting(stand_in, days["to_date"])] == [request.id]
    done = desk.decide(stand_in, request, at=desk.at + timedelta(days=2))
    (act,) = desk.kept(ApprovalAct)
    assert (done.state, act.acted_by, act.for_user_id) == ("APPROVED", stand_in.acting, desk.approver.user_id)
    desk.does(desk.approver, approvals.delegation_revoke, delegation_id=made.id)
    with pytest.raises(Forbidden):
        desk.decide(stand_in, desk.submit(quantity="50").request, at=desk.at + timedelta(days=2))


def test_who_asked_is_nobodys_delegate_in_the_matter(desk, world):
    desk.chain(TWO[:1])
    on = business_date(desk.at)
    for principal, delegate in (
        (desk.approver, desk.buyer),
        (holding(world.actor("hospital", APPROVER, person="both"), BUYER), desk.admin),
    ):
        desk.does(principal, approvals.delegation_make, delegate_id=delegate.user_id, from_date=on, to_date=on)
    refused_step(desk, desk.buyer, desk.submit().request, "approval_own")
    refused_step(
        desk,
        desk.admin,
        desk.submit(holding(world.actor("hospital", APPROVER, person="both"), BUYER)).request,
        "approval_own",
    )


@pytest.mark.parametrize(
    ("days", "who", "code"),
    [
        ((1, 0), "admin", "delegation_dates"),
        ((-3, -1), "admin", "delegation_dates"),
        ((0, 1), "approver", "delegate_oneself"),
        ((0, 1), "maker", "delegate_unknown"),
    ],
)
def test_a_delegation_needs_days_ahead_and_a_colleague(desk, world, days, who, code):
    on = business_date(desk.at)
    people = {"admin": desk.admin, "approver": desk.approver, "maker": world.actor("maker", Role.SUPPLIER_ADMIN)}
    with pytest.raises(Invalid) as refused:
        desk.does(
            desk.approver,
            approvals.delegation_make,
            delegate_id=people[who].user_id,
            from_date=on + timedelta(days=days[0]),
            to_date=on + timedelta(days=days[1]),
        )
    assert refused.value.code == code


def test_nobody_stands_in_by_a_held_account_nor_a_machine(desk):
    """Who got into the approver's account does not let themselves be named instead."""
    on = business_date(desk.at)
    facts = {"delegate_id": desk.buyer.user_id, "from_date": on, "to_date": on}
    for actor in (
        replace(desk.approver, held_until=scope.now() + timedelta(hours=1)),
        replace(desk.approver, principal=Principal(PrincipalKind.CLIENT, 7)),
    ):
        with pytest.raises(Forbidden):
            desk.does(actor, approvals.delegation_make, **facts)
    assert desk.does(desk.approver, approvals.delegation_make, **facts).delegate_id == desk.buyer.user_id


def test_a_chain_counts_from_the_next_day_and_not_without_a_second_administrator(desk, world):
    change = desk.does(desk.admin, approvals.chain_set, matter="order", steps=TWO[:1])
    assert desk.kept(ApprovalChain) == [] and desk.submit().request is None
    with pytest.raises(Forbidden):
        desk.does(desk.admin, change_confirm, change_id=change.id)
    desk.does(world.actor("hospital", ADMIN, person="second"), change_confirm, change_id=change.id)
    today = business_date(desk.at)
    with scope.opened(desk.admin):
        assert queries.chain_of(desk.admin, "order", today) is None
        assert queries.chain_to_come(desk.admin, "order", today).from_date == today + timedelta(days=1)
        assert queries.chain_of(desk.admin, "order", today + timedelta(days=1)).version == 1
    # Switching it off waits alike.
    off = desk.does(desk.admin, approvals.chain_set, matter="order", steps=[])
    assert off.title.startswith("停用") and off.told_roles == []


def test_a_changed_chain_leaves_running_requests_their_own(desk):
    before = desk.chain(TWO[:1])
    running = desk.submit().request
    after = desk.chain([{"label": "院领导", "role": "HOSPITAL_ADMIN", "from_fen": 0}])
    assert (before.version, after.version) == (1, 2)
    fresh = desk.submit(quantity="50").request
    assert [step["label"] for step in fresh.steps] == ["院领导"]
    refused_step(desk, desk.admin, running, "approval_not_asked")
    assert desk.decide(desk.approver, running).state == "APPROVED"
    assert [c.steps[0]["label"] for c in sorted(desk.kept(ApprovalChain), key=lambda c: c.version)] == [
        "采购科",
        "院领导",
    ]


STEP = {"label": "采购科", "role": "HOSPITAL_APPROVER", "from_fen": 0}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"label": " "}, "step_label"),
        ({"label": "长" * 41}, "too_long"),
        ({"role": "SUPPLIER_ADMIN"}, "step_role"),
        ({"role": "HOSPITAL_AUDITOR"}, "step_nobody"),
        ({"from_fen": -1}, "step_amount"),
        ({"from_fen": True}, "step_amount"),
        ({"user_id": 1}, "step_person"),
    ],
)
def test_a_step_nobody_could_take_is_refused(desk, change, code):
    with scope.opened(desk.world.system):
        Membership.objects.filter(roles__contains=["HOSPITAL_AUDITOR"]).update(is_active=False)
    with pytest.raises(Invalid) as refused:
        desk.chain([STEP | change])
    assert refused.value.code == code and desk.kept(ApprovalChain) == []


def test_only_the_administrator_sets_a_chain_and_only_so_long_a_one(desk):
    with pytest.raises(Forbidden):
        desk.does(desk.approver, approvals.chain_set, matter="order", steps=[])
    for matter, steps in (("pizza", []), ("order", [STEP] * 6)):
        with pytest.raises(Invalid):
            desk.does(desk.admin, approvals.chain_set, matter=matter, steps=steps)


def test_chains_and_steps_taken_are_kept_for_good_and_nobody_elses(desk, world):
    desk.chain(TWO[:1])
    request = desk.submit().request
    desk.decide(desk.approver, request)
    for model in (ApprovalChain, ApprovalAct):
        with pytest.raises(ProgrammingError, match="permission denied"), scope.opened(desk.admin):
            model.objects.update(id=1)
    with scope.opened(world.actor("other_hospital", ADMIN)):
        for model in (ApprovalChain, ApprovalAct, ApprovalRequest):
            assert not model.objects.exists()
