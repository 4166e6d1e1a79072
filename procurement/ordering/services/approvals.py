"""Orders that their hospital's own chain wants approved: asked for, decided, placed when the last step is taken."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from procurement.ordering.models import Order
from procurement.ordering.services.counting import MATTER
from procurement.ordering.services.placing import BasketFacts, basket_ready, basket_write, order_place
from sunlight import scope
from sunlight.approval.models import ApprovalRequest
from sunlight.approval.services import approval_ask, approval_decide, approval_result
from sunlight.approval.workflows import ApprovalState
from sunlight.journal.refusals import Conflict
from sunlight.journal.services import service
from sunlight.kernel.money import fen_text
from sunlight.scope import Actor, Role
from sunlight.scope.principal import SYSTEM, Acted, PrincipalKind, person
from sunlight.tenancy.queries.people import people_of


@dataclass(frozen=True, slots=True)
class Submitted:
    """The outcome of a basket: orders placed at once, or a request that waits for approval."""

    orders: tuple[Order, ...] = ()
    request: ApprovalRequest | None = None


@service
def order_submit(*, actor: Actor, at: datetime, facts: BasketFacts) -> Submitted:
    """Order a basket, or ask for the approval its amount needs under the hospital's chain, counted with what was ordered
    of the same suppliers within the window (A84). The request is checked like
    an order, but binds nothing: no quantity of an agreement is taken until it is approved. Raises as `order_place`."""
    ready = basket_ready(actor=actor, at=at, facts=facts)
    request = approval_ask(
        actor=actor,
        at=at,
        matter=MATTER,
        title=_title(facts, ready.amount_fen),
        amount_fen=ready.amount_fen,
        counted_fen=ready.counted(actor).fen,
        payload=asdict(ready.facts) | {"confirmations": list(facts.confirmations)},
    )
    if request is not None:
        return Submitted(request=request)
    return Submitted(orders=tuple(basket_write(actor, at, ready)))


def _title(facts: BasketFacts, amount_fen: int) -> str:
    return f"采购订单：{len(facts.lines)} 个品规，{fen_text(amount_fen, grouped=True)} 元"


@service
def order_approval_decide(
    *, actor: Actor, at: datetime, request_id: int, is_yes: bool, note: str = ""
) -> ApprovalRequest:
    """Take the next step of a request. The last yes places the orders in the same transaction, in the name of the
    person who asked, under the law and at the agreed prices of this moment: where they may no longer be placed, nothing
    is approved and the reason is given. Raises as `approval_decide` and `order_place`."""
    request = approval_decide(actor=actor, at=at, request_id=request_id, is_yes=is_yes, note=note)
    if request.state != ApprovalState.APPROVED:
        return request
    facts = BasketFacts(**request.payload)
    asker = _asker(actor, request)
    # In the scope of whoever asked: what is recorded bears the name that the scope's ticket says.
    with scope.opened(asker):
        placed = order_place(actor=asker, at=at, facts=facts, approved=request)
    approval_result(actor=actor, at=at, request=request, result={"orders": [order.id for order in placed]})
    return request


def _asker(actor: Actor, request: ApprovalRequest) -> Actor:
    """Who asked, as the buyer the orders are placed by. Raises Conflict if they are no longer a buyer."""
    people = people_of(platform_id=request.platform_id, organisation_id=request.organisation_id)
    asked = request.asked_by or Acted(SYSTEM)
    buyers = {person(each.user_id) for each in people if Role.HOSPITAL_BUYER in each.roles}
    if asked.principal.kind == PrincipalKind.PERSON and asked.principal not in buyers:
        raise Conflict("asker_left", "提交人已不是本单位采购员，不能以其名义下单。请驳回，由在岗采购员重新提交。")
    return replace(
        actor,
        principal=asked.principal,
        for_person_id=asked.for_person_id,
        mandate_id=asked.mandate_id,
        user_name=request.asked_by_name,
        roles=frozenset({Role.HOSPITAL_BUYER}),
    )
