"""Payment runs of a hospital: one person of its finance prepares, another approves, nobody pays for what they accepted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from settlement.events import RUN_APPROVED, RUN_PREPARED, RUN_REJECTED
from settlement.models.netting import Netting
from settlement.models.payment import Invoice, Payable, Payment, PaymentRun
from settlement.queries.ledger import available_fen, promised_fen
from settlement.queries.payments import acceptors_of, access_run, payables_of
from settlement.services.execution import INLINE_PAYMENTS, execute_after_commit
from settlement.services.ledger import DEPOSIT, lock_balance
from settlement.services.nettings import nettings_approve, nettings_cancel, nettings_prepare, sets_of
from settlement.services.payables import release, take
from settlement.services.verification import require_verified
from settlement.workflows.paying import PAYMENT, RUN
from settlement.workflows.states import SUPERVISED, Holding, PaymentState
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, fen_text, parse_amount_fen
from sunlight.numbering import platform_number, platform_numbers
from sunlight.reconciliation.services.gate import require_reconciled
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.models import BankAccount
from sunlight.tenancy.queries.organisations import default_bank_accounts, supervised_account
from sunlight.tenancy.services.mandates import mandated

MOST_PAYMENTS = 1000


@service
def run_prepare(
    *,
    actor: Actor,
    at: datetime,
    payable_ids: Sequence[int],
    amounts: Sequence[Mapping[str, object]] = (),
    overpayment_ids: Sequence[int] = (),
) -> PaymentRun:
    """Put open payables of the actor's hospital into a run for a second person to approve; each becomes one payment to
    its payee's registered account. By its finance, not by anybody who accepted those goods. Of each all that is open, or
    the part in `amounts` (`{payable, amount}`, yuan as typed), is settled: the chosen overpayments of the same payee first,
    the rest is paid.

    Raises Forbidden (duty, or accepted the goods), NotThere, Invalid for an empty list or an amount that is none or above
    what is open, IllegalMove for a payable not open, Conflict for one that is held, an overpayment set against nothing, or
    a payee without a registered account (SZ20-5.3.4, GD25-4.8a)."""
    if not actor.has(Role.HOSPITAL_FINANCE):
        raise Forbidden("not_your_duty", "只有医院财务可以编制付款批次。请联系本院管理员。")
    payables = _locked_payables(actor, payable_ids)
    settled = _amounts(payables, amounts)
    require_not_held(payables)
    require_verified(actor, at, [p.id for p in payables])
    acceptors = acceptors_of([p.id for p in payables])
    for payable in payables:
        take(payable, settled[payable.id], actor, acceptors=acceptors)
    sets = sets_of(actor, payables, settled, overpayment_ids)
    netted = defaultdict(int)
    for each in sets:
        netted[each.payable] += each.fen
    to_pay = {p.id: settled[p.id] - netted[p.id] for p in payables}
    paid = [p for p in payables if to_pay[p.id]]
    accounts, payer = _accounts_of(actor, {p.payee_id for p in paid})
    run = PaymentRun.objects.create(
        number=platform_number(business_date(at)),
        platform_id=actor.platform_id,
        region_id=payables[0].region_id,
        buyer_id=actor.organisation_id,
        state=RUN.initial,
        total_fen=sum(to_pay.values()),
        payment_count=len(paid),
        netted_fen=sum(netted.values()),
        prepared_at=at,
        **scope.by(actor, "prepared"),
    )
    payments = _payments(actor, run, paid, to_pay, accounts, payer)
    nettings = nettings_prepare(actor, run, payables, sets)
    with scope.elevated(actor):
        Payable.objects.bulk_update(payables, ["state", "open_fen", "version"])
    _record_prepared(actor, at, run, payments, nettings)
    return run


def _amounts(payables: Sequence[Payable], typed: Sequence[Mapping[str, object]]) -> dict[int, int]:
    """What is to be settled of each payable, in fen: all that is open where no amount was typed. Raises Unreadable with
    every fault."""
    settled, said = {row.id: row.open_fen for row in payables}, set()
    by_id, read = {row.id: row for row in payables}, reading.Collected()
    for index, each in enumerate(typed):
        where = f"amounts[{index}]"
        payable_id = read(reading.row_id, each.get("payable"), f"{where}.payable", "应付款")
        if payable_id is None:
            continue
        fen = read(_part, by_id.get(payable_id), payable_id in said, each.get("amount"), where)
        said.add(payable_id)
        settled[payable_id] = fen or 0
    read.check()
    return settled


def _part(payable: Payable | None, is_twice: bool, typed: object, where: str) -> int:
    if payable is None or is_twice:
        what = "同一笔应付款填写了两个金额" if is_twice else "金额所属的应付款没有勾选"
        raise reading.Unreadable("amount_of_no_payable", f"{what}，请核对后重新提交。", f"{where}.payable")
    number = payable.invoice.number
    try:
        fen = parse_amount_fen(typed)
    except MoneyError as error:
        message = f"发票 {number} 的本次付款：{error.message}。请填写不超过未付金额的数。"
        raise reading.Unreadable(f"amount_{error.code}", message, f"{where}.amount") from error
    if fen > payable.open_fen:
        open_now = fen_text(payable.open_fen, grouped=True)
        raise reading.Unreadable(
            "amount_above_open",
            f"发票 {number} 未付 {open_now} 元，本次付款 {fen_text(fen, grouped=True)} 元超出。请填写不超过 {open_now} 元的数。",
            f"{where}.amount",
        )
    return fen


def require_not_held(payables: Sequence[Payable]) -> None:
    """Raises Conflict naming every one that is held, with its reason."""
    held = [row for row in payables if row.holding == Holding.HELD]
    if held:
        named = "；".join(f"发票 {row.invoice.number}（{row.hold_reason}）" for row in held)
        raise Conflict(
            "payable_held",
            f"下列应付款已暂缓，不能付款：{named}。请先由本院财务或审计解除暂缓，或去掉这些款项。",
            field="payables",
            subject=("payable", held[0].id),
        )


def _record_prepared(
    actor: Actor, at: datetime, run: PaymentRun, payments: Sequence[Payment], nettings: Sequence[Netting]
) -> None:
    record(
        RUN_PREPARED,
        subject=run.id,
        actor=actor,
        at=at,
        payload={
            "number": run.number,
            "total_fen": run.total_fen,
            "netted_fen": run.netted_fen,
            "payments": [
                {
                    "number": p.number,
                    "payable": p.payable_id,
                    "payee": p.payee_id,
                    "account_name": p.payee_account_name,
                    "bank_name": p.payee_bank_name,
                    "bank_code": p.payee_bank_code,
                    "account": p.payee_account_number,
                    "payer_kind": p.payer_kind,
                    "payer_account": p.payer_account_number,
                    "amount_fen": p.amount_fen,
                    "purpose": p.purpose,
                }
                for p in payments
            ],
            "nettings": [
                {
                    "netting": n.id,
                    "overpayment": n.overpayment_id,
                    "payable": n.payable_id,
                    "amount_fen": n.amount_fen,
                }
                for n in nettings
            ],
        },
    )


def _payments(
    actor: Actor,
    run: PaymentRun,
    payables: Sequence[Payable],
    amounts: dict[int, int],
    accounts: dict[int, BankAccount],
    payer: BankAccount | None,
) -> list[Payment]:
    """One payment a payable, out of the supervised account to the account its payee has registered now."""
    numbers = platform_numbers(business_date(run.prepared_at), len(payables))
    made = [
        Payment(
            number=number,
            platform_id=p.platform_id,
            region_id=p.region_id,
            buyer_id=p.buyer_id,
            seller_id=p.seller_id,
            distributor_id=p.distributor_id,
            run=run,
            payable=p,
            payee_id=p.payee_id,
            payee_account_name=accounts[p.payee_id].account_name,
            payee_bank_name=accounts[p.payee_id].bank_name,
            payee_bank_code=accounts[p.payee_id].bank_code,
            payee_account_number=accounts[p.payee_id].account_number,
            payer_account_number=payer.account_number if payer else "",
            amount_fen=amounts[p.id],
            purpose=f"耗材货款 发票{p.invoice.number}",
            state=PAYMENT.initial,
        )
        for number, p in zip(numbers, payables, strict=True)
    ]
    # To which account how much is paid, no statement in the hospital's own scope may write.
    with scope.elevated(actor):
        return Payment.objects.bulk_create(made)


def _locked_payables(actor: Actor, payable_ids: Sequence[int]) -> list[Payable]:
    wanted = {reading.row_id(each, "payables", "应付款") for each in payable_ids}
    if not wanted or len(wanted) > MOST_PAYMENTS:
        raise Invalid("payables_count", f"请选择 1 至 {MOST_PAYMENTS} 笔应付款。", field="payables")
    payables = list(
        Payable.objects.visible_to(actor)
        .select_related("invoice")
        .select_for_update(of=("self",))
        .filter(pk__in=wanted)
        .order_by("id")
    )
    if len(payables) < len(wanted):
        raise NotThere("所选的应付款", field="payables")
    return payables


def _accounts_of(actor: Actor, payee_ids: set[int]) -> tuple[dict[int, BankAccount], BankAccount | None]:
    """Each payee's account, and the supervised account that pays."""
    # A payee's account is the payee's own row; paying it is what it registered it for.
    with scope.elevated(actor):
        payer = supervised_account(actor.platform_id)
        accounts = default_bank_accounts(platform_id=actor.platform_id, organisation_ids=payee_ids)
    if missing := payee_ids - set(accounts):
        raise Conflict(
            "payee_without_account",
            f"有 {len(missing)} 个收款单位未在平台登记收款账户，不能付款。请通知对方登记后再编制，或先去掉这些款项。",
            facts={"payees": sorted(missing)},
        )
    return accounts, payer


@service
def run_approve(*, actor: Actor, at: datetime, run_id: int, note: str = "") -> PaymentRun:
    """Approve a run, by a second person of the hospital's finance; from then on its payments are made, a small run's at
    once after this is committed, a large one's in the background.

    Raises NotThere, IllegalMove, Forbidden (prepared it, or accepted the goods), Conflict where the reconciliation found
    what nobody has released, where a payable is held or its invoice reddened since, where a payee is paid to another
    account by now, or where the deposit, less what is promised to runs approved before, is short: says by how much
    (SZ20-5.3.4)."""
    run = access_run(actor, run_id, lock=True)
    acceptors = acceptors_of(payables_of(run))
    earlier = {"prepare": run.prepared_by, "accept": acceptors}
    actor = mandated(
        actor, RUN, "approve", fen=lambda: run.total_fen + run.netted_fen, subject=("payment_run", run.id), at=at
    )
    run.state = moved(RUN, run.state, "approve", actor, earlier=earlier, subject=("payment_run", run.id))
    require_reconciled(actor=actor, at=at, platform_id=run.platform_id, subject=("payment_run", run.id))
    note = reading.text(note, "note", "复核意见", most=300, required=False)
    wanted = payables_of(run)
    require_verified(actor, at, wanted)
    _require_accounts(actor, run)
    _require_deposit(actor, at, run)
    # After the balance, as whoever makes or brings back a payment takes them.
    payables = list(
        Payable.objects.select_related("invoice").select_for_update(of=("self",)).filter(pk__in=wanted).order_by("id")
    )
    require_not_held(payables)
    _require_not_reddened(run, payables)
    nettings_approve(actor, at, run, payables)
    run.decided_at, run.decision_note = at, note
    run.version += 1
    who = scope.stamp(run, "decided", actor)
    run.save(update_fields=["state", "decided_at", *who, "decision_note", "version"])
    record(
        RUN_APPROVED,
        subject=run.id,
        actor=actor,
        at=at,
        version=run.version,
        payload={
            "number": run.number,
            "total_fen": run.total_fen,
            "netted_fen": run.netted_fen,
            "payments": run.payment_count,
            "note": note,
        },
    )
    if run.payment_count <= INLINE_PAYMENTS:
        execute_after_commit(actor=actor, at=at, run_id=run.id)
    return run


def _require_accounts(actor: Actor, run: PaymentRun) -> None:
    """Each payment goes to the account that its payee has registered now, not when the run was prepared."""
    payments = list(run.payments.select_related("payee").filter(state=PaymentState.PENDING))
    accounts, _ = _accounts_of(actor, {p.payee_id for p in payments})
    changed = sorted({p.payee.name for p in payments if _account_of(p) != _registered(accounts[p.payee_id])})
    if changed:
        raise Conflict(
            "payee_account_changed",
            f"编制之后，{'、'.join(changed)} 变更了登记的收款账户，不能付入原账户。请驳回本批次并重新编制。",
            subject=("payment_run", run.id),
            facts={"payees": changed},
        )


def _require_not_reddened(run: PaymentRun, payables: Sequence[Payable]) -> None:
    """Nothing is paid any more for what a red invoice took back after the run was prepared."""
    reds = Invoice.objects.filter(
        reddens__in=[row.invoice_id for row in payables], submitted_at__gte=run.prepared_at
    ).select_related("reddens")
    if named := "、".join(red.reddens.number for red in reds.order_by("id")):
        raise Conflict(
            "invoice_reddened_since",
            f"编制之后，发票 {named} 已被红冲。请驳回本批次，按红冲后的金额重新编制；已红冲的部分可作抵扣。",
            subject=("payment_run", run.id),
        )


def _account_of(payment: Payment) -> tuple[str, str, str]:
    return payment.payee_account_name, payment.payee_bank_name, payment.payee_account_number


def _registered(account: BankAccount) -> tuple[str, str, str]:
    return account.account_name, account.bank_name, account.account_number


def _require_deposit(actor: Actor, at: datetime, run: PaymentRun) -> None:
    """The deposit is locked, so that two runs approved at the same moment are counted one after the other."""
    balance = lock_balance(actor=actor, kind=DEPOSIT, organisation_id=run.buyer_id)
    left = available_fen(balance) - promised_fen(platform_id=run.platform_id, buyer_id=run.buyer_id)
    if left < run.total_fen:
        short = run.total_fen - left
        raise Conflict(
            "deposit_short",
            f"监管账户预存款可用 {fen_text(left, grouped=True)} 元，本批次需 {fen_text(run.total_fen, grouped=True)} 元，"
            f"还差 {fen_text(short, grouped=True)} 元。请先向监管账户入金，或驳回后减少付款。",
            basis=scope.basis(actor, at, SUPERVISED),
            subject=("payment_run", run.id),
            facts={"available_fen": left, "total_fen": run.total_fen, "shortage_fen": short},
        )


@service
def run_reject(*, actor: Actor, at: datetime, run_id: int, reason: str) -> PaymentRun:
    """Send a prepared run back, by the hospital's finance (also by whoever prepared it), with the reason: its payments
    are cancelled, its payables open again. Raises NotThere, IllegalMove, Invalid without a reason."""
    run = access_run(actor, run_id, lock=True)
    run.state = moved(RUN, run.state, "reject", actor)
    reason = reading.reason(reason, label="驳回原因", most=300)
    payments = list(run.payments.select_for_update(of=("self",)).filter(state=PaymentState.PENDING).order_by("id"))
    payables = list(Payable.objects.select_for_update(of=("self",)).filter(pk__in=payables_of(run)).order_by("id"))
    for payment in payments:
        payment.state = moved(PAYMENT, payment.state, "cancel", actor)
        payment.version += 1
    amounts = nettings_cancel(actor, run)
    for payment in payments:
        amounts[payment.payable_id] = amounts.get(payment.payable_id, 0) + payment.amount_fen
    for payable in payables:
        release(payable, amounts[payable.id], actor)
    with scope.elevated(actor):
        Payment.objects.bulk_update(payments, ["state", "version"])
        Payable.objects.bulk_update(payables, ["state", "open_fen", "paid_at", "version"])
    run.decided_at, run.decision_note = at, reason
    run.version += 1
    who = scope.stamp(run, "decided", actor)
    run.save(update_fields=["state", "decided_at", *who, "decision_note", "version"])
    record(
        RUN_REJECTED,
        subject=run.id,
        actor=actor,
        at=at,
        version=run.version,
        payload={"number": run.number, "reason": reason},
    )
    return run
