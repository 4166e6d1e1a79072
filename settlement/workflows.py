"""Invoices, what is due for them, and the runs that pay."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class InvoiceState(States):
    MATCHED = "MATCHED", "已匹配", "green"
    MISMATCHED = "MISMATCHED", "不一致", "red"
    VOIDED = "VOIDED", "已作废"


class InvoiceKind(States):
    BLUE = "BLUE", "蓝字发票"
    RED = "RED", "红字发票", "red"


class VerificationState(States):
    """What the tax office says of an invoice, as far as anybody asked it."""

    ENTERED = "ENTERED", "未查验"
    VERIFIED = "VERIFIED", "查验通过", "green"
    FAILED = "FAILED", "查验未通过", "red"


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
    RETURNED = "RETURNED", "已退汇", "red"
    CANCELLED = "CANCELLED", "已取消"


class PayerKind(States):
    """Whose money a payment is made of."""

    HOSPITAL = "HOSPITAL", "医院预存款"
    PREPAYMENT = "PREPAYMENT", "医保预付款"
    FUND = "FUND", "医保基金"


class StatementForm(States):
    """The form a bank's file comes in."""

    CSV = "CSV", "CSV"
    CAMT053 = "CAMT053", "ISO 20022 camt.053"


class InstructionForm(States):
    """The form of a file for the bank."""

    CSV = "CSV", "CSV"
    PAIN001 = "PAIN001", "ISO 20022 pain.001"


class StatementState(States):
    RECEIVED = "RECEIVED", "待确认", "blue"
    CONFIRMED = "CONFIRMED", "已入账", "green"
    REJECTED = "REJECTED", "已拒收", "red"


class StatementLineState(States):
    READ = "READ", "待确认入账", "blue"
    IDENTIFIED = "IDENTIFIED", "已识别"
    UNIDENTIFIED = "UNIDENTIFIED", "待认领", "orange"
    PROPOSED = "PROPOSED", "待复核认领", "blue"
    ASSIGNED = "ASSIGNED", "已认领"
    DROPPED = "DROPPED", "随对账单拒收"


class Meaning(States):
    """What a booking of the bank is."""

    DEPOSIT = "DEPOSIT", "医院入金"
    SETTLEMENT = "SETTLEMENT", "付款到账"
    RETURN = "RETURN", "退汇"


class InstructionState(States):
    MADE = "MADE", "待复核", "blue"
    RELEASED = "RELEASED", "已放行", "green"
    ACKNOWLEDGED = "ACKNOWLEDGED", "银行已受理", "green"
    RETURNED = "RETURNED", "银行整批退回", "red"
    CANCELLED = "CANCELLED", "已作废"


class ReturnState(States):
    PROPOSED = "PROPOSED", "待复核", "blue"
    CONFIRMED = "CONFIRMED", "已退回", "green"
    REFUSED = "REFUSED", "未采纳"


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

SETTLER = {Role.OPERATOR_SETTLER}
IMPORTED_IT = Duty("import", "four_eyes", "导入人不能确认自己导入的对账单，请由另一位结算员确认。", clause="SZ20-5.3.4")
PUT_IT_IN = Duty(
    "import",
    "imported_it",
    "您导入了这笔流水所在的对账单，不能再复核其认领。请由另一位结算员复核。",
    clause="SZ20-5.3.4",
)
PROPOSED_IT = Duty(
    "propose", "four_eyes", "提出认领的人不能复核自己的提议，请由另一位结算员复核。", clause="SZ20-5.3.4"
)
MADE_IT = Duty("make", "four_eyes", "编制人不能放行自己的指令批次，请由另一位结算员放行。", clause="SZ20-5.3.4")
RELEASED_IT = Duty(
    "release", "four_eyes", "放行人不能认定自己放行的批次被银行退回，请由另一位结算员办理。", clause="SZ20-5.3.4"
)
ASKED_BACK = Duty("propose", "four_eyes", "提出退汇的人不能复核自己的提议，请由另一位结算员复核。", clause="SZ20-5.3.4")

# One settler imports: nothing is booked. Another has looked at every line and books them.
STATEMENT = Machine(
    "bank_statement",
    StatementState.RECEIVED,
    (
        Move(
            "confirm",
            {StatementState.RECEIVED},
            StatementState.CONFIRMED,
            by=SETTLER,
            four_eyes=IMPORTED_IT,
            in_person=True,
            words="确认对账单入账",
        ),
        Move("reject", {StatementState.RECEIVED}, StatementState.REJECTED, by=SETTLER, words="拒收对账单"),
    ),
)

# A booking of a confirmed statement: identified by a registered account or a payment that was instructed; what only a
# reference names is proposed, and nobody's until a second person has assigned it.
STATEMENT_LINE = Machine(
    "statement_line",
    StatementLineState.READ,
    (
        Move("identify", {StatementLineState.READ}, StatementLineState.IDENTIFIED, by={Role.SYSTEM}, words="自动识别"),
        Move(
            "suggest", {StatementLineState.READ}, StatementLineState.PROPOSED, by={Role.SYSTEM}, words="按附言提议认领"
        ),
        Move(
            "set_aside", {StatementLineState.READ}, StatementLineState.UNIDENTIFIED, by={Role.SYSTEM}, words="留待认领"
        ),
        Move("drop", {StatementLineState.READ}, StatementLineState.DROPPED, by=SETTLER, words="随对账单拒收"),
        Move("propose", {StatementLineState.UNIDENTIFIED}, StatementLineState.PROPOSED, by=SETTLER, words="提出认领"),
        Move(
            "assign",
            {StatementLineState.PROPOSED},
            StatementLineState.ASSIGNED,
            by=SETTLER,
            four_eyes=PROPOSED_IT,
            incompatible=(PUT_IT_IN,),
            in_person=True,
            words="复核认领",
        ),
        Move(
            "send_back",
            {StatementLineState.PROPOSED},
            StatementLineState.UNIDENTIFIED,
            by=SETTLER,
            words="退回认领提议",
        ),
    ),
)

# What the bank is told to pay out: made by one, released by another, only then a file for the bank.
INSTRUCTION = Machine(
    "instruction",
    InstructionState.MADE,
    (
        Move(
            "release",
            {InstructionState.MADE},
            InstructionState.RELEASED,
            by=SETTLER,
            four_eyes=MADE_IT,
            in_person=True,
            words="放行指令批次",
        ),
        Move("cancel", {InstructionState.MADE}, InstructionState.CANCELLED, by=SETTLER, words="作废指令批次"),
        Move(
            "acknowledge", {InstructionState.RELEASED}, InstructionState.ACKNOWLEDGED, by=SETTLER, words="登记银行受理"
        ),
        Move(
            "return_all",
            {InstructionState.RELEASED, InstructionState.ACKNOWLEDGED},
            InstructionState.RETURNED,
            by=SETTLER,
            four_eyes=RELEASED_IT,
            in_person=True,
            words="登记银行整批退回",
        ),
    ),
)

# A payment that the bank refused before it left the account: there is no booking to show for it, so one settler says so
# with the bank's notice, another confirms.
PAYMENT_RETURN = Machine(
    "payment_return",
    ReturnState.PROPOSED,
    (
        Move(
            "confirm",
            {ReturnState.PROPOSED},
            ReturnState.CONFIRMED,
            by=SETTLER,
            four_eyes=ASKED_BACK,
            in_person=True,
            words="确认银行退回付款",
        ),
        Move("refuse", {ReturnState.PROPOSED}, ReturnState.REFUSED, by=SETTLER, words="不采纳退回"),
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
