"""What a hospital's approval chain looks at: a basket, and what else was ordered of its suppliers within a window, so that
splitting an order does not pass below the chain's amounts (A84)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from procurement.ordering.queries import orders
from procurement.ordering.queries.baskets import Basket
from sunlight import scope
from sunlight.approval.chains import Step
from sunlight.approval.models import ApprovalRequest
from sunlight.approval.queries import has_chain
from sunlight.approval.services import steps_missing, steps_needed
from sunlight.approval.workflows import ApprovalState
from sunlight.journal.refusals import Refused
from sunlight.kernel.money import fen_text
from sunlight.kernel.policy import Value
from sunlight.scope import Actor
from sunlight.scope.clock import business_date

MATTER = "order"


@dataclass(frozen=True, slots=True)
class Counted:
    """The sum in fen with the value that has earlier orders counted; without a chain, or earlier orders, none."""

    fen: int
    basis: tuple[Value, ...] = ()


def counted_with_earlier(actor: Actor, basket: Basket, *, seller_ids: Collection[int], amount_fen: int) -> Counted:
    """A basket of `amount_fen` with the hospital's orders of the same suppliers in the last days, today's included. Two
    baskets that would count each other wait for one another, until the transaction ends."""
    if not has_chain(actor, MATTER, basket.day):
        return Counted(amount_fen)
    law = scope.law(actor, basket.day, region=basket.buyer.region.code)
    window = law.at("approval.window_days")
    for seller_id in sorted(seller_ids):
        scope.alone("procurement.counted", basket.buyer.id, seller_id, shared=True)
    earlier = orders.ordered_fen(
        actor, buyer_id=basket.buyer.id, seller_ids=seller_ids, after=basket.day - timedelta(days=window.value)
    )
    return Counted(amount_fen + earlier, (window,) if earlier else ())


def require_approval(
    actor: Actor, at: datetime, amount_fen: int, counted: Counted, approved: ApprovalRequest | None
) -> None:
    """Where the hospital's chain asks for approval, an approved request must cover the amount, and its steps the sum of
    what has been ordered of the same suppliers meanwhile. Raises Refused."""
    if approved is not None and approved.state == ApprovalState.APPROVED and amount_fen <= approved.amount_fen:
        if missing := steps_missing(approved, counted.fen):
            raise Refused(
                "approved_for_less",
                f"提交审批后本院又向同一企业下单，合计 {fen_text(counted.fen, grouped=True)} 元，还须经审批（{_labels(missing)}），"
                "不能下单。请驳回本申请，由采购员重新提交。",
                field="lines",
                basis=counted.basis,
            )
        return
    _, steps = steps_needed(actor, MATTER, counted.fen, business_date(at))
    if approved is not None and amount_fen > approved.amount_fen:
        raise Refused(
            "approved_for_less",
            "订单金额已高于审批通过的金额，不能下单。请驳回本申请，由采购员重新提交。",
            field="lines",
        )
    if steps:
        sum_text = fen_text(counted.fen, grouped=True)
        what = f"本单连同近日向同一企业的订单合计 {sum_text} 元，" if counted.basis else "此金额的订单"
        raise Refused(
            "approval_needed",
            f"按本单位审批流程，{what}须先经审批（{_labels(steps)}）。请提交审批。",
            field="lines",
            basis=counted.basis,
        )


def _labels(steps: Iterable[Step]) -> str:
    return "、".join(step.label for step in steps)
