"""The life of a change of rights that one person asks for and another confirms; of what people say of machines: who answers
for them, and what they may do under a mandate; and of the account an organisation is paid to."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import ADMINS, NO_MACHINES, Role


class ChangeState(States):
    ASKED = "ASKED", "待确认", "blue"
    CONFIRMED = "CONFIRMED", "已确认", "green"
    REFUSED = "REFUSED", "未同意", "red"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    EXPIRED = "EXPIRED", "逾期失效"


S = ChangeState
# An organisation's own administrators; for operators, authorities and the platform, and where an organisation has no second
# administrator, the platform's. The service looks at which of them it is.
DECIDING = ADMINS | {Role.PLATFORM_SECURITY_ADMIN, Role.PLATFORM_SYSTEM_ADMIN}
ASKING = frozenset(Role) - {Role.SYSTEM}
ASKED_FOR_IT = Duty(
    "ask",
    "change_own",
    "不能确认本人提出的变更：须由另一位管理员（不是同一个人的其他账号）确认。",
)
GAINS = Duty(
    "gain",
    "change_for_oneself",
    "本次变更涉及您本人的账号、岗位或权限，不能由您确认，须由另一位管理员确认。",
)

ACCESS_CHANGE = Machine(
    "access_change",
    S.ASKED,
    (
        Move(
            "confirm",
            {S.ASKED},
            S.CONFIRMED,
            by=DECIDING,
            four_eyes=ASKED_FOR_IT,
            incompatible=(GAINS,),
            in_person=True,
            words="确认变更",
        ),
        Move("refuse", {S.ASKED}, S.REFUSED, by=DECIDING, four_eyes=ASKED_FOR_IT, words="不同意变更"),
        Move("withdraw", {S.ASKED}, S.WITHDRAWN, by=ASKING, words="撤回变更"),
        Move("expire", {S.ASKED}, S.EXPIRED, by={Role.SYSTEM}, words="逾期失效"),
    ),
)


class SwitchState(States):
    PROPOSED = "PROPOSED", "待负责人决定", "blue"
    DONE = "DONE", "已变更", "green"
    REFUSED = "REFUSED", "未同意", "red"


PROPOSED_SWITCH = Duty(
    "propose", "four_eyes", "提出变更的人不能决定自己的提议，须由另一位负责人（不是同一个人的其他账号）决定。"
)
# Whether a draft act binds on a platform is the authority's to say, by two of its people.
DRAFTS_SWITCH = Machine(
    "drafts_switch",
    SwitchState.PROPOSED,
    (
        Move(
            "propose",
            {SwitchState.PROPOSED},
            SwitchState.PROPOSED,
            by={Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF},
            words="提出变更",
        ),
        Move(
            "confirm",
            {SwitchState.PROPOSED},
            SwitchState.DONE,
            by={Role.REGULATOR_CHIEF},
            four_eyes=PROPOSED_SWITCH,
            in_person=True,
            words="同意变更",
        ),
        Move(
            "refuse",
            {SwitchState.PROPOSED},
            SwitchState.REFUSED,
            by={Role.REGULATOR_CHIEF},
            four_eyes=PROPOSED_SWITCH,
            words="不同意变更",
        ),
    ),
)


class DutyState(States):
    ASKED = "ASKED", "待本人确认", "blue"
    CONFIRMED = "CONFIRMED", "已确认", "green"
    ENDED = "ENDED", "已终止"


class MandateState(States):
    GIVEN = "GIVEN", "待第二人确认", "blue"
    IN_FORCE = "IN_FORCE", "有效", "green"
    ENDED = "ENDED", "已终止"


ANSWERING = frozenset(Role) - NO_MACHINES

# The service looks at who is asked: nobody confirms for another.
MACHINE_DUTY = Machine(
    "machine_duty",
    DutyState.ASKED,
    (
        Move("confirm", {DutyState.ASKED}, DutyState.CONFIRMED, by=ANSWERING, in_person=True, words="确认为接口负责"),
        Move(
            "end",
            {DutyState.ASKED, DutyState.CONFIRMED},
            DutyState.ENDED,
            by=frozenset(Role),
            in_person=True,
            words="终止接口职责",
        ),
    ),
)

GAVE_IT = Duty(
    "give",
    "mandate_own",
    "授权书须由两人办理：提出人不能自己确认（包括用本人的其他账号）。请由本单位另一位管理员确认。",
)
MADE_THE_MACHINE = Duty(
    "make",
    "mandate_maker",
    "您建立过这个接口或更换过其密钥，不能再确认它的授权书。请由本单位另一位管理员确认。",
)

MANDATE = Machine(
    "mandate",
    MandateState.GIVEN,
    (
        Move(
            "confirm",
            {MandateState.GIVEN},
            MandateState.IN_FORCE,
            by=ADMINS,
            four_eyes=GAVE_IT,
            incompatible=(MADE_THE_MACHINE,),
            in_person=True,
            words="确认授权书",
        ),
        Move(
            "end",
            {MandateState.GIVEN, MandateState.IN_FORCE},
            MandateState.ENDED,
            by=ANSWERING | ADMINS,
            in_person=True,
            words="终止授权书",
        ),
    ),
)


class BankAccountState(States):
    WAITING = "WAITING", "待生效", "blue"
    IN_FORCE = "IN_FORCE", "使用中", "green"
    ENDED = "ENDED", "已停用"


# Nothing is paid to an account that is not in force.
BANK_ACCOUNT = Machine(
    "bank_account",
    BankAccountState.WAITING,
    (
        Move("begin", {BankAccountState.WAITING}, BankAccountState.IN_FORCE, by={Role.SYSTEM}, words="启用收款账户"),
        Move(
            "end",
            {BankAccountState.WAITING, BankAccountState.IN_FORCE},
            BankAccountState.ENDED,
            by={Role.SYSTEM},
            words="停用收款账户",
        ),
    ),
)
