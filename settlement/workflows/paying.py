"""Invoices, what is due for them, and the runs that pay."""

from settlement.workflows.states import (
    SUPERVISED,
    Holding,
    InvoiceState,
    NettingState,
    PayableState,
    PaymentState,
    RunState,
    VerificationState,
)
from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.scope.roles import Role

ACCEPTED_IT = Duty(
    "accept",
    "accept_and_pay",
    "您验收过其中的货物，不能再为其付款（验收与付款为不相容岗位）。请由其他财务人员办理。",
    basis=SUPERVISED,
)
PREPARED_IT = Duty("prepare", "four_eyes", "编制人不能复核自己的付款批次，请由另一位财务人员复核。")

# A mismatched invoice is voided and issued again; the paper itself cannot be edited.
INVOICE = Machine(
    "invoice",
    InvoiceState.MISMATCHED,
    (
        Move("match", {InvoiceState.MISMATCHED}, InvoiceState.MATCHED, by={Role.SYSTEM}, words="匹配"),
        Move(
            "void",
            {InvoiceState.MISMATCHED, InvoiceState.MATCHED},
            InvoiceState.VOIDED,
            by={Role.SUPPLIER_FINANCE},
            words="作废发票",
        ),
    ),
)

# Only an adapter to the tax office's check moves it, never a person. What was verified may fail later: the seller can
# red an invoice alone as long as the buyer has not booked it.
V = VerificationState
VERIFICATION = Machine(
    "invoice_verification",
    V.ENTERED,
    (
        Move("verify", {V.ENTERED, V.FAILED}, V.VERIFIED, by={Role.SYSTEM}, words="查验通过"),
        Move("fail", {V.ENTERED, V.VERIFIED}, V.FAILED, by={Role.SYSTEM}, words="查验未通过"),
    ),
)

PAYABLE = Machine(
    "payable",
    PayableState.OPEN,
    (
        Move(
            "take_in",
            {PayableState.OPEN},
            PayableState.IN_RUN,
            by={Role.HOSPITAL_FINANCE},
            incompatible=(ACCEPTED_IT,),
            words="编入付款批次",
        ),
        # A part goes into a run, the rest stays to be paid.
        Move(
            "take_part",
            {PayableState.OPEN},
            PayableState.OPEN,
            by={Role.HOSPITAL_FINANCE},
            incompatible=(ACCEPTED_IT,),
            words="部分编入付款批次",
        ),
        Move(
            "release",
            {PayableState.IN_RUN},
            PayableState.OPEN,
            by={Role.HOSPITAL_FINANCE, Role.SYSTEM},
            words="退回待付",
        ),
        Move("pay", {PayableState.IN_RUN}, PayableState.PAID, by={Role.SYSTEM}, words="付款"),
        # What the bank sent back is owed again.
        Move(
            "reopen",
            {PayableState.PAID, PayableState.IN_RUN},
            PayableState.OPEN,
            by={Role.SYSTEM},
            words="退汇后重新待付",
        ),
        Move("cancel", {PayableState.OPEN}, PayableState.CANCELLED, by={Role.SYSTEM}, words="取消应付款"),
        # A red invoice has taken back what was open; the rest is paid, or in a run.
        Move("close", {PayableState.OPEN}, PayableState.PAID, by={Role.SYSTEM}, words="红冲余额后结清"),
        Move("close_in_run", {PayableState.OPEN}, PayableState.IN_RUN, by={Role.SYSTEM}, words="红冲余额后待划拨"),
    ),
)

# Holding delays money and moves none, releasing lets it be paid: paying has its own four eyes, so one person is enough.
HOLDING = Machine(
    "payable_holding",
    Holding.FREE,
    (
        Move(
            "hold",
            {Holding.FREE},
            Holding.HELD,
            by={Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR},
            words="暂缓付款",
        ),
        Move(
            "let_go",
            {Holding.HELD},
            Holding.FREE,
            by={Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR},
            words="解除暂缓",
        ),
        Move("lapse", {Holding.HELD}, Holding.FREE, by={Role.SYSTEM}, words="暂缓到期"),
    ),
)

# What a red invoice took back of a paid one, set against another payable in a run: it moves no money, and counts once
# the second person has approved.
NETTING = Machine(
    "netting",
    NettingState.PENDING,
    (
        Move("net", {NettingState.PENDING}, NettingState.NETTED, by={Role.HOSPITAL_FINANCE}, words="抵扣"),
        Move("cancel", {NettingState.PENDING}, NettingState.CANCELLED, by={Role.HOSPITAL_FINANCE}, words="取消抵扣"),
    ),
)

RUN = Machine(
    "payment_run",
    RunState.PREPARED,
    (
        Move(
            "approve",
            {RunState.PREPARED},
            RunState.APPROVED,
            by={Role.HOSPITAL_FINANCE},
            four_eyes=PREPARED_IT,
            incompatible=(ACCEPTED_IT,),
            in_person=True,
            mandate=True,
            words="复核付款批次",
        ),
        Move("reject", {RunState.PREPARED}, RunState.REJECTED, by={Role.HOSPITAL_FINANCE}, words="驳回付款批次"),
        Move("finish", {RunState.APPROVED}, RunState.DONE, by={Role.SYSTEM}, words="办结付款批次"),
    ),
)

PAYMENT = Machine(
    "payment",
    PaymentState.PENDING,
    (
        Move("pay", {PaymentState.PENDING}, PaymentState.PAID, by={Role.SYSTEM}, words="划拨"),
        Move(
            "cancel",
            {PaymentState.PENDING},
            PaymentState.CANCELLED,
            by={Role.HOSPITAL_FINANCE, Role.SYSTEM},
            words="取消划拨",
        ),
        Move("settle", {PaymentState.PAID}, PaymentState.SETTLED, by={Role.SYSTEM}, words="确认到账"),
        Move(
            "send_back",
            {PaymentState.PAID, PaymentState.SETTLED},
            PaymentState.RETURNED,
            by={Role.SYSTEM},
            words="退汇",
        ),
    ),
)
