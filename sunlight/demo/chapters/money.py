"""Chapter 4: invoices, hospitals' money in the supervised account, payment runs, what the bank says."""

from datetime import timedelta
from decimal import Decimal

from procurement.receiving.queries.deliveries import acceptance_lines_to_invoice, to_invoice
from settlement.queries.bank import lines_of, lines_visible_to
from settlement.queries.instructions import runs_to_instruct
from settlement.queries.invoices import payables_to_pay, payables_visible_to
from settlement.queries.payments import payments_visible_to
from settlement.queries.plans import instructed_of, plan_digest, plan_of
from settlement.services.bank import bank_statement_confirm, bank_statement_import
from settlement.services.bank_lines import statement_line_propose
from settlement.services.execution import runs_execute
from settlement.services.holds import payable_hold
from settlement.services.instructions import (
    instruction_acknowledge,
    instruction_export,
    instruction_make,
    instructions_release,
)
from settlement.services.invoice_reading import Sent
from settlement.services.invoices import invoice_submit
from settlement.services.reds import red_invoice_submit
from settlement.services.runs import run_approve, run_prepare
from settlement.workflows.states import PayableState, PaymentState, RedReason, StatementLineState
from sunlight.demo.chapters.orders import Received
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.demo.files.einvoice import einvoice
from sunlight.demo.stage import Stage
from sunlight.kernel.money import amount_fen, fen_text, round_half_up
from sunlight.tenancy.models import Organisation

TAX_RATE = "0.13"
# What each hospital pays into the supervised account, and what came from a payer nobody knows yet; in fen.
DEPOSITS = {1: 800_000_000, 2: 400_000_000, 3: 200_000_000}
UNTOLD_FEN = 1_234_500


def play(stage: Stage, received: list[Received]) -> None:
    invoiced = [each for each in received if each.on <= stage.day(-9)]
    for number, each in enumerate(invoiced, start=1):
        invoice(
            stage, each, on=stage.day(-8) if number == len(invoiced) else each.on + timedelta(days=1), number=number
        )
    _fund(stage)
    paid = _pay(stage)
    _redden(stage, invoiced)
    _hold(stage)
    _instruct(stage)
    stage.news_travels(stage.day(-1))
    told = stage.sees("settler", lambda actor: instructed_of([each.id for each in paid]))
    _bank_confirms(stage, [each for each in paid if each.id in told])
    _propose(stage)
    stage.say(f"开票 {len(invoiced)} 张，付款 {len(paid)} 笔")


def invoice(stage: Stage, each: Received, *, on, number: int, wrong: bool = False):
    """An invoice for everything of an acceptance; `wrong` states a price a little too high, as people do."""
    rows = [r for r in stage.sees(each.finance, acceptance_lines_to_invoice) if r.acceptance_id == each.acceptance_id]
    lines, total = [], 0
    for row in rows:
        price, quantity = row.delivery_line.order_line.price, to_invoice(row)
        if wrong and not lines:
            price += price / 100
            price = price.quantize(row.delivery_line.order_line.price)
        fen = amount_fen(price, quantity)
        total += fen
        lines.append(
            {"acceptance_line": row.id, "quantity": f"{quantity}", "price": f"{price}", "amount": fen_text(fen)}
        )
    net = int(round_half_up(Decimal(total) / (1 + Decimal(TAX_RATE)), 0))
    number_text, sums = f"2644{number:016d}", {"net": fen_text(net), "tax": fen_text(total - net)}
    acceptance = rows[0].acceptance
    parties = [acceptance.distributor_id or acceptance.seller_id, acceptance.buyer_id]
    known = {
        row.id: (row.name, row.credit_code)
        for row in stage.sees(each.finance, lambda _: Organisation.objects.filter(id__in=parties))
    }
    original = einvoice(
        number=number_text,
        issued_on=on,
        seller=known[parties[0]],
        buyer=known[parties[1]],
        total=fen_text(total),
        rate=TAX_RATE,
        **sums,
    )
    return stage.does(
        each.finance,
        invoice_submit,
        on=on,
        hour=16,
        number=number_text,
        issued_on=on,
        tax_rate=TAX_RATE,
        **sums,
        amount=fen_text(total),
        lines=lines,
        original=Sent(f"{number_text}.xml", original),
    )


def _account(stage: Stage, key: str) -> tuple[str, str]:
    """Name and registered account number of an organisation of the story."""
    from sunlight.demo.people import ORGANISATIONS

    number = next(n for n, demo in enumerate(ORGANISATIONS, start=1) if demo.key == key)
    return ORGANISATIONS[number - 1].name, f"7559{number:015d}"


def _statement(
    stage: Stage, number: str, start, end, movements: list[Movement], opening_fen: int, *, waits: bool = False
) -> None:
    """One settler imports it, the other confirms it; one that waits was imported by the second."""
    _, account = _account(stage, "operator")
    content = statement(
        account=account, number=number, start=start, end=end, movements=movements, opening_fen=opening_fen
    )
    taken = stage.does(
        "settler2" if waits else "settler",
        bank_statement_import,
        on=end,
        hour=17,
        name=f"监管账户对账单{number}.csv",
        content=content,
    )
    if waits:
        return

    def confirm(*, actor, at):
        digest = plan_digest(taken, plan_of(actor, list(lines_of(taken))))
        return bank_statement_confirm(
            actor=actor, at=at, statement_id=taken.id, digest=digest, note="已与银行原件逐笔核对"
        )

    stage.does("settler2", confirm, on=end, hour=18)


def _instruct(stage: Stage) -> None:
    """The bank is told what to pay: one settler makes each order, the other releases them and sends them out. The last
    run's order still waits to be released."""
    runs = stage.sees("settler", runs_to_instruct)
    batches = [stage.does("settler", instruction_make, on=stage.day(-3), hour=14, run_id=run.id) for run in runs]
    out = batches[:-1]
    if not out:
        return
    hashes = {batch.id: batch.sha256 for batch in out}
    stage.does("settler2", instructions_release, on=stage.day(-3), hour=15, hashes=hashes)
    for batch in out:
        stage.does("settler2", instruction_export, on=stage.day(-3), hour=16, batch_id=batch.id)
    stage.does(
        "settler", instruction_acknowledge, on=stage.day(-3), hour=17, batch_id=out[0].id, bank_reference="PL20260001"
    )


def _fund(stage: Stage) -> None:
    """Hospitals pay into the supervised account; one payer cannot be identified yet."""
    movements = []
    for hospital, fen in DEPOSITS.items():
        name, account = _account(stage, f"hospital{hospital}")
        movements.append(Movement(on=stage.day(-40), fen=fen, name=name, account=account, reference="耗材货款"))
    movements.append(
        Movement(
            on=stage.day(-39), fen=UNTOLD_FEN, name="示范社区服务中心", account="622200000000001", reference="货款"
        )
    )
    _statement(stage, "DZ0001", stage.day(-40), stage.day(-39), movements, 0)


def _pay(stage: Stage) -> list:
    """Each hospital pays what was accepted before the last four weeks, some of it late. The second has overlooked its
    oldest invoice, which is overdue today."""
    for hospital in (1, 2, 3):
        cashier = f"cashier{hospital}"
        due = [p for p in stage.sees(cashier, payables_to_pay) if p.accepted_on <= stage.day(-20)]
        if hospital == 2:
            due = due[1:]
        if not due:
            continue
        run = stage.does(cashier, run_prepare, on=stage.day(-4), payable_ids=[p.id for p in due])
        stage.does(f"treasurer{hospital}", run_approve, on=stage.day(-3), run_id=run.id)
    runs_execute(actor=stage.cast.system, at=stage.moment(stage.day(-3), 11))
    return stage.sees(
        "settler", lambda actor: payments_visible_to(actor).filter(state=PaymentState.PAID).order_by("id")
    )


def _redden(stage: Stage, invoiced: list[Received]) -> None:
    """The first issuer takes back a tenth of an invoice that is paid: the hospital may net it in its next run."""
    finance = invoiced[0].finance
    own = stage.sees(finance, lambda actor: payables_visible_to(actor, state=PayableState.PAID))
    mine = [each for each in own if each.payee_id == stage.cast[finance].organisation_id]
    if not mine:
        return
    blue = mine[0].invoice
    total = mine[0].amount_fen // 10
    net = int(round_half_up(Decimal(total) / (1 + Decimal(TAX_RATE)), 0))
    stage.does(
        finance,
        red_invoice_submit,
        on=stage.day(-2),
        hour=10,
        blue_number=blue.number,
        number="26449999000000000001",
        issued_on=stage.day(-2),
        net=f"-{fen_text(net)}",
        tax=f"-{fen_text(total - net)}",
        amount=f"-{fen_text(total)}",
        reason=RedReason.RETURN,
    )


def _hold(stage: Stage) -> None:
    """The first hospital holds what it owes last: its delivery note is missing."""
    waiting = stage.sees("cashier1", payables_to_pay)
    if len(waiting) > 1:
        stage.does(
            "cashier1",
            payable_hold,
            on=stage.day(-2),
            payable_id=waiting[-1].id,
            reason="随货同行单缺页，等供应商补齐",
            until=stage.day(20),
        )


def _bank_confirms(stage: Stage, paid: list) -> None:
    """The bank confirms what it was told to pay but the last two of it, and sends one back: its account's name differs.
    What came in since waits on a statement that nobody has confirmed yet."""
    opening = sum(DEPOSITS.values()) + UNTOLD_FEN
    movements = [
        Movement(
            on=stage.day(-2),
            fen=-payment.amount_fen,
            name=payment.payee.name,
            account=payment.payee_account_number,
            reference=f"货款 {payment.number}",
        )
        for payment in paid[:-2]
    ]
    if movements:
        returned = paid[:-2][-1]
        movements.append(
            Movement(
                on=stage.day(-2),
                fen=returned.amount_fen,
                name=returned.payee.name,
                account=returned.payee_account_number,
                reference=f"退汇 原因：账号户名不符 {returned.number}",
            )
        )
    _statement(stage, "DZ0002", stage.day(-38), stage.day(-2), movements, opening)
    _name, account = _account(stage, "hospital3")
    late = [
        Movement(on=stage.day(-1), fen=5_000_000, name=_name, account=account, reference="耗材货款"),
        Movement(
            on=stage.day(-1),
            fen=880_000,
            name="示范慈善基金会",
            account="622200000000002",
            reference="H44030300001 捐赠",
        ),
    ]
    _statement(stage, "DZ0003", stage.day(-1), stage.day(-1), late, opening + sum(m.fen for m in movements), waits=True)


def _propose(stage: Stage) -> None:
    """Whose the money of an unknown payer is: one settler has found out, the other has yet to agree."""
    (line,) = stage.sees("settler", lambda actor: lines_visible_to(actor, state=StatementLineState.UNIDENTIFIED))
    hospital = stage.cast["cashier3"].organisation_id
    stage.does(
        "settler",
        statement_line_propose,
        on=stage.day(-1),
        hour=16,
        line_id=line.id,
        reason="对方来电确认，回单 0039",
        organisation_id=hospital,
    )
