"""The states and kinds of invoices, of what is due for them, and of the bank's side."""

from sunlight.kernel.states import States

# The parameter that four eyes over the money, and what must be on the account, rest on.
SUPERVISED = "settlement.supervised_account"


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


class Holding(States):
    """Whether a hospital holds what it owes: what is held is not put into a run. Its due day goes on."""

    FREE = "FREE", "未暂缓"
    HELD = "HELD", "已暂缓", "orange"


class RedReason(States):
    """Why a red invoice was issued, as its confirmation sheet (红字发票信息确认单) says."""

    ERROR = "ERROR", "开票有误"
    RETURN = "RETURN", "销货退回"
    ALLOWANCE = "ALLOWANCE", "销售折让"


class NettingState(States):
    PENDING = "PENDING", "待复核", "blue"
    NETTED = "NETTED", "已抵扣", "green"
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
    REFUND = "REFUND", "供应商退款"


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


class AccountKind(States):
    BANK = "BANK", "监管账户银行存款"
    DEPOSIT = "DEPOSIT", "医院预存款"
    CLEARING = "CLEARING", "应付划拨款"
    UNIDENTIFIED = "UNIDENTIFIED", "待认领款"
