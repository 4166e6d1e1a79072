"""Setting an issuer's overpayments against what is owed to it, as lines of a run: prepared by one, counted once a second
person has approved. It moves no money: the payments of the run are smaller by it."""

from collections.abc import Sequence
from datetime import date, datetime

from settlement.events import PAYABLE_NETTED
from settlement.models.netting import Netting, Overpayment
from settlement.models.payment import Payable, PaymentRun
from settlement.rules.netting import Due, Over, Set, spread
from settlement.services.payables import COLUMNS, pay_where_done
from settlement.workflows.paying import NETTING
from settlement.workflows.states import NettingState
from sunlight import scope
from sunlight.journal.refusals import Conflict, NotThere
from sunlight.journal.services import record
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.scope.duties import moved


def sets_of(
    actor: Actor, payables: Sequence[Payable], amounts: dict[int, int], overpayment_ids: Sequence[object]
) -> list[Set]:
    """How the chosen overpayments, locked and taken here, are set against the payables, the first due first. Raises
    NotThere, Conflict for one that is set against nothing."""
    wanted = {reading.row_id(each, "overpayments", "红冲应退款") for each in overpayment_ids}
    rows = Overpayment.objects.visible_to(actor).select_related("red").select_for_update(of=("self",))
    overpayments = list(rows.filter(pk__in=wanted).order_by("id"))
    if len(overpayments) < len(wanted):
        raise NotThere("所选的红冲应退款", field="overpayments")
    ordered = sorted(payables, key=lambda row: (row.due_on or date.max, row.id))
    sets = spread(
        [Due(row.id, row.payee_id, amounts[row.id]) for row in ordered],
        [Over(row.id, row.payee_id, row.open_fen) for row in overpayments],
    )
    used = {each.overpayment for each in sets}
    if idle := [row for row in overpayments if row.id not in used]:
        numbers = "、".join(row.red.number for row in idle)
        raise Conflict(
            "overpayment_not_usable",
            f"红字发票 {numbers} 的应退款没有可抵扣的款项（已抵扣完，或所选应付款不属同一收款单位）。请去掉它，或加选该单位的应付款。",
            field="overpayments",
        )
    for row in overpayments:
        row.open_fen -= sum(each.fen for each in sets if each.overpayment == row.id)
        row.version += 1
    # What is owed and owed back, no statement in a party's own scope may write.
    with scope.elevated(actor):
        Overpayment.objects.bulk_update(overpayments, ["open_fen", "version"])
    return sets


def nettings_prepare(actor: Actor, run: PaymentRun, payables: Sequence[Payable], sets: Sequence[Set]) -> list[Netting]:
    """The lines of the run, which wait for its approval."""
    by_id = {row.id: row for row in payables}
    made = [
        Netting(
            platform_id=run.platform_id,
            region_id=run.region_id,
            buyer_id=run.buyer_id,
            seller_id=by_id[each.payable].seller_id,
            distributor_id=by_id[each.payable].distributor_id,
            run=run,
            overpayment_id=each.overpayment,
            payable=by_id[each.payable],
            amount_fen=each.fen,
            state=NETTING.initial,
        )
        for each in sets
    ]
    with scope.elevated(actor):
        return Netting.objects.bulk_create(made)


def nettings_approve(actor: Actor, at: datetime, run: PaymentRun, payables: Sequence[Payable]) -> None:
    """Count the nettings of a run that is being approved; its payables are locked. A payable of which nothing is left is
    paid."""
    nettings = _pending(run)
    for netting in nettings:
        netting.state, netting.netted_at = moved(NETTING, netting.state, "net", actor), at
        netting.version += 1
    by_id = {row.id: row for row in payables}
    with scope.elevated(actor):
        Netting.objects.bulk_update(nettings, ["state", "netted_at", "version"])
        for payable_id in sorted({each.payable_id for each in nettings}):
            pay_where_done(by_id[payable_id], actor.as_system(), at)
            by_id[payable_id].save(update_fields=COLUMNS)
    for netting in nettings:
        _record(actor, at, run, by_id[netting.payable_id], netting)


def nettings_cancel(actor: Actor, run: PaymentRun) -> dict[int, int]:
    """Give back what the nettings of a rejected run had taken of its overpayments; how much of each payable."""
    nettings, given_back = _pending(run), {}
    ids = {each.overpayment_id for each in nettings}
    overpayments = {row.id: row for row in Overpayment.objects.select_for_update().filter(pk__in=ids).order_by("id")}
    for netting in nettings:
        netting.state = moved(NETTING, netting.state, "cancel", actor)
        netting.version += 1
        overpayments[netting.overpayment_id].open_fen += netting.amount_fen
        given_back[netting.payable_id] = given_back.get(netting.payable_id, 0) + netting.amount_fen
    for row in overpayments.values():
        row.version += 1
    with scope.elevated(actor):
        Netting.objects.bulk_update(nettings, ["state", "version"])
        Overpayment.objects.bulk_update(overpayments.values(), ["open_fen", "version"])
    return given_back


def _pending(run: PaymentRun) -> list[Netting]:
    rows = run.nettings.select_for_update(of=("self",)).select_related("overpayment__red")
    return list(rows.filter(state=NettingState.PENDING).order_by("id"))


def _record(actor: Actor, at: datetime, run: PaymentRun, payable: Payable, netting: Netting) -> None:
    record(
        PAYABLE_NETTED,
        subject=payable.id,
        actor=actor,
        at=at,
        parties=[payable.buyer_id, payable.seller_id, payable.distributor_id],
        version=payable.version,
        payload={
            "number": run.number,
            "netting": netting.id,
            "overpayment": netting.overpayment_id,
            "red_number": netting.overpayment.red.number,
            "invoice": payable.invoice_id,
            "payee": payable.payee_id,
            "amount_fen": netting.amount_fen,
            "open_fen": payable.open_fen,
            "state": payable.state,
        },
    )
