"""Invoices, what is due for them, and the runs that pay."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class InvoiceState(States):
    MATCHED = "MATCHED", "已匹配", "green"
    MISMATCHED = "MISMATCHED", "不一致", "red"
    VOIDED = "VOIDED", "已作废"


class PayableState(States):
    OPEN = "OPEN", "待付款", "blue"
    IN_RUN = "IN_RUN", "付款中", "blue"
    PAID = "PAID", "已付款", "green"
    CANCELLED = "CANCELLED", "已取消"


class RunState(States):
    PREPARED = "PREPARED", "待复核", "blue"
    APPROVED = "APPROVED", "已复核", "green"
    DONE = "DONE", "已完成", "green"
    REJECTED = "REJECTED", "已驳回", "red"


class PaymentState(States):
    PENDING = "PENDING", "待划拨", "blue"
    PAID = "PAID", "已划拨", "green"
    SETTLED = "SETTLED", "银行已到账", "green"
    CANCELLED = "CANCELLED", "已取消"


class StatementLineState(States):
    IDENTIFIED = "IDENTIFIED", "已识别"
    UNIDENTIFIED = "UNIDENTIFIED", "待认领"
    ASSIGNED = "ASSIGNED", "已认领"


class AccountChangeState(States):
    ASKED = "ASKED", "待本单位复核", "blue"
    CONFIRMED = "CONFIRMED", "待平台核实", "blue"
    APPROVED = "APPROVED", "等待启用", "yellow"
    IN_FORCE = "IN_FORCE", "已启用", "green"
    REFUSED = "REFUSED", "未通过", "red"
    WITHDRAWN = "WITHDRAWN", "已撤回"


ACCEPTED_IT = Duty(
    "accept",
    "accept_and_pay",
    "您验收过其中的货物，不能再为其付款（验收与付款为不相容岗位）。请由其他财务人员办理。",
    clause="SZ20-5.3.4",
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
        Move(
            "release",
            {PayableState.IN_RUN},
            PayableState.OPEN,
            by={Role.HOSPITAL_FINANCE, Role.SYSTEM},
            words="退回待付",
        ),
        Move("pay", {PayableState.IN_RUN}, PayableState.PAID, by={Role.SYSTEM}, words="付款"),
        Move("cancel", {PayableState.OPEN}, PayableState.CANCELLED, by={Role.SYSTEM}, words="取消应付款"),
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
    ),
)

# A booking the bank names clearly is identified as it comes; the rest waits for a person of the operator.
STATEMENT_LINE = Machine(
    "statement_line",
    StatementLineState.UNIDENTIFIED,
    (
        Move(
            "identify",
            {StatementLineState.UNIDENTIFIED},
            StatementLineState.IDENTIFIED,
            by={Role.SYSTEM},
            words="自动识别",
        ),
        Move(
            "assign",
            {StatementLineState.UNIDENTIFIED},
            StatementLineState.ASSIGNED,
            by={Role.OPERATOR_SETTLER},
            words="认领",
        ),
    ),
)

ASKED_IT = Duty("ask", "four_eyes", "申请人不能复核自己提出的收款账户变更，请由本单位另一位财务或管理员复核。")
FIRM = frozenset({Role.SUPPLIER_FINANCE, Role.SUPPLIER_ADMIN})
_OPEN = {AccountChangeState.ASKED, AccountChangeState.CONFIRMED, AccountChangeState.APPROVED}

# A firm's own second person, the operator and a waiting time stand between a typed account and the money.
ACCOUNT_CHANGE = Machine(
    "account_change",
    AccountChangeState.ASKED,
    (
        Move(
            "confirm",
            {AccountChangeState.ASKED},
            AccountChangeState.CONFIRMED,
            by=FIRM,
            four_eyes=ASKED_IT,
            in_person=True,
            words="复核收款账户变更",
        ),
        Move(
            "approve",
            {AccountChangeState.CONFIRMED},
            AccountChangeState.APPROVED,
            by={Role.OPERATOR_REVIEWER},
            in_person=True,
            words="核实收款账户变更",
        ),
        Move(
            "refuse",
            {AccountChangeState.CONFIRMED, AccountChangeState.APPROVED},
            AccountChangeState.REFUSED,
            by={Role.OPERATOR_REVIEWER},
            words="不予变更收款账户",
        ),
        Move("withdraw", _OPEN, AccountChangeState.WITHDRAWN, by=FIRM, words="撤回收款账户变更"),
        Move(
            "take_effect",
            {AccountChangeState.APPROVED},
            AccountChangeState.IN_FORCE,
            by={Role.SYSTEM},
            words="启用新的收款账户",
        ),
    ),
)
