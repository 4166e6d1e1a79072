"""Invoices, what is due for them, and the runs that pay."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class InvoiceState(States):
    MATCHED = "MATCHED", "已匹配"
    MISMATCHED = "MISMATCHED", "不一致"
    VOIDED = "VOIDED", "已作废"


class PayableState(States):
    OPEN = "OPEN", "待付款"
    IN_RUN = "IN_RUN", "付款中"
    PAID = "PAID", "已付款"
    CANCELLED = "CANCELLED", "已取消"


class RunState(States):
    PREPARED = "PREPARED", "待复核"
    APPROVED = "APPROVED", "已复核"
    DONE = "DONE", "已完成"
    REJECTED = "REJECTED", "已驳回"


class PaymentState(States):
    PENDING = "PENDING", "待划拨"
    PAID = "PAID", "已划拨"
    SETTLED = "SETTLED", "银行已到账"
    CANCELLED = "CANCELLED", "已取消"


class StatementLineState(States):
    IDENTIFIED = "IDENTIFIED", "已识别"
    UNIDENTIFIED = "UNIDENTIFIED", "待认领"
    ASSIGNED = "ASSIGNED", "已认领"


# A mismatched invoice is voided and issued anew; the paper itself cannot be edited.
INVOICE = Machine(
    "invoice",
    InvoiceState.MISMATCHED,
    (
        Move("match", {InvoiceState.MISMATCHED}, InvoiceState.MATCHED, by={Role.SYSTEM}),
        Move("void", {InvoiceState.MISMATCHED, InvoiceState.MATCHED}, InvoiceState.VOIDED, by={Role.SUPPLIER_FINANCE}),
    ),
)

PAYABLE = Machine(
    "payable",
    PayableState.OPEN,
    (
        Move("take_in", {PayableState.OPEN}, PayableState.IN_RUN, by={Role.HOSPITAL_FINANCE}, incompatible={"accept"}),
        Move("release", {PayableState.IN_RUN}, PayableState.OPEN, by={Role.HOSPITAL_FINANCE, Role.SYSTEM}),
        Move("pay", {PayableState.IN_RUN}, PayableState.PAID, by={Role.SYSTEM}),
        Move("cancel", {PayableState.OPEN}, PayableState.CANCELLED, by={Role.SYSTEM}),
    ),
)

RUN = Machine(
    "payment_run",
    RunState.PREPARED,
    (
        Move("approve", {RunState.PREPARED}, RunState.APPROVED, by={Role.HOSPITAL_FINANCE}, four_eyes=True),
        Move("reject", {RunState.PREPARED}, RunState.REJECTED, by={Role.HOSPITAL_FINANCE}),
        Move("finish", {RunState.APPROVED}, RunState.DONE, by={Role.SYSTEM}),
    ),
)

PAYMENT = Machine(
    "payment",
    PaymentState.PENDING,
    (
        Move("pay", {PaymentState.PENDING}, PaymentState.PAID, by={Role.SYSTEM}),
        Move("cancel", {PaymentState.PENDING}, PaymentState.CANCELLED, by={Role.HOSPITAL_FINANCE, Role.SYSTEM}),
        Move("settle", {PaymentState.PAID}, PaymentState.SETTLED, by={Role.SYSTEM}),
    ),
)

# A booking the bank names clearly is identified as it comes; the rest waits for a person of the operator.
STATEMENT_LINE = Machine(
    "statement_line",
    StatementLineState.UNIDENTIFIED,
    (
        Move("identify", {StatementLineState.UNIDENTIFIED}, StatementLineState.IDENTIFIED, by={Role.SYSTEM}),
        Move("assign", {StatementLineState.UNIDENTIFIED}, StatementLineState.ASSIGNED, by={Role.OPERATOR_SETTLER}),
    ),
)
