"""The bank's side of the supervised account: no settler moves a fen alone."""

from settlement.workflows.states import SUPERVISED, InstructionState, ReturnState, StatementLineState, StatementState
from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.scope.roles import Role

SETTLER = {Role.OPERATOR_SETTLER}
IMPORTED_IT = Duty("import", "four_eyes", "导入人不能确认自己导入的对账单，请由另一位结算员确认。", basis=SUPERVISED)
PUT_IT_IN = Duty(
    "import",
    "imported_it",
    "您导入了这笔流水所在的对账单，不能再复核其认领。请由另一位结算员复核。",
    basis=SUPERVISED,
)
PROPOSED_IT = Duty("propose", "four_eyes", "提出认领的人不能复核自己的提议，请由另一位结算员复核。", basis=SUPERVISED)
MADE_IT = Duty("make", "four_eyes", "编制人不能放行自己的指令批次，请由另一位结算员放行。", basis=SUPERVISED)
RELEASED_IT = Duty(
    "release", "four_eyes", "放行人不能认定自己放行的批次被银行退回，请由另一位结算员办理。", basis=SUPERVISED
)
ASKED_BACK = Duty("propose", "four_eyes", "提出退汇的人不能复核自己的提议，请由另一位结算员复核。", basis=SUPERVISED)

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
