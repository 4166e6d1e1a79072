"""The life of an official letter, of an extension of its term, of an authority's template and of its letterhead."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class LetterKind(States):
    """What a letter is. The sign stands in its number: 深医保督〔2026〕3号."""

    LETTER = "LETTER", "公函"
    PROMPT = "PROMPT", "督促函"
    REMINDER = "REMINDER", "提醒函"
    INQUIRY = "INQUIRY", "问询函"
    INTERVIEW = "INTERVIEW", "约谈通知"
    RECTIFICATION = "RECTIFICATION", "责令整改通知"
    CIRCULAR = "CIRCULAR", "通报"
    TRANSFER = "TRANSFER", "移送函"


class LetterState(States):
    DRAFT = "DRAFT", "起草中"
    SUBMITTED = "SUBMITTED", "待签发", "blue"
    SENT = "SENT", "已签发，未送达", "orange"
    DELIVERED = "DELIVERED", "已送达", "blue"
    ACKNOWLEDGED = "ACKNOWLEDGED", "已签收", "blue"
    ANSWERED = "ANSWERED", "已答复", "green"
    ESCALATED = "ESCALATED", "逾期未回应", "red"
    CLOSED = "CLOSED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


S = LetterState
# With the addressee, and not ended.
OUT = frozenset({S.DELIVERED, S.ACKNOWLEDGED, S.ANSWERED, S.ESCALATED})
# Once it has a number.
NUMBERED = frozenset({S.SENT, *OUT, S.CLOSED})

WRITING = frozenset({Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF})
SIGNING = frozenset({Role.REGULATOR_CHIEF, Role.REGULATOR_LEADER})
# Who may answer for the addressee; of these the letter is for those at its desk and for administrators.
ANSWERING = frozenset(
    {
        Role.HOSPITAL_ADMIN,
        Role.HOSPITAL_BUYER,
        Role.HOSPITAL_APPROVER,
        Role.HOSPITAL_FINANCE,
        Role.HOSPITAL_AUDITOR,
        Role.SUPPLIER_ADMIN,
        Role.SUPPLIER_LISTER,
        Role.SUPPLIER_SELLER,
        Role.SUPPLIER_SHIPPER,
        Role.SUPPLIER_FINANCE,
        Role.OPERATOR_SUPPORT,
        Role.REGULATOR_OFFICER,
        Role.REGULATOR_CHIEF,
    }
)

SUBMITTED_IT = Duty("submit", "own_letter", "这份公函由您送签，须由另一位负责人签发。")
WROTE_IT = Duty("write", "own_letter", "这份公函由您起草，须由另一位负责人签发。")

LETTER = Machine(
    "letter",
    S.DRAFT,
    (
        Move("edit", {S.DRAFT}, S.DRAFT, by=WRITING, words="修改公函"),
        Move("submit", {S.DRAFT}, S.SUBMITTED, by=WRITING, words="送签"),
        Move("send_back", {S.SUBMITTED}, S.DRAFT, by=SIGNING, words="退回修改"),
        Move("discard", {S.DRAFT, S.SUBMITTED}, S.WITHDRAWN, by=WRITING, words="作废草稿"),
        # It binds its sender: a second person, and in person.
        Move(
            "send",
            {S.SUBMITTED},
            S.SENT,
            by=SIGNING,
            four_eyes=SUBMITTED_IT,
            incompatible=(WROTE_IT,),
            in_person=True,
            words="签发公函",
        ),
        Move("deliver", {S.SENT}, S.DELIVERED, by={Role.SYSTEM}, words="送达"),
        Move("acknowledge", {S.DELIVERED}, S.ACKNOWLEDGED, by=ANSWERING, words="签收公函"),
        Move("acknowledge_late", {S.ESCALATED}, S.ESCALATED, by=ANSWERING, words="逾期签收公函"),
        Move("answer", OUT, S.ANSWERED, by=ANSWERING, words="答复公函"),
        # Silent past its day.
        Move("escalate", {S.DELIVERED, S.ACKNOWLEDGED}, S.ESCALATED, by={Role.SYSTEM}, words="转报负责人"),
        # A longer term, granted: who asked for it has the letter.
        Move("extend", {S.ACKNOWLEDGED, S.ESCALATED}, S.ACKNOWLEDGED, by=WRITING, words="同意延期"),
        Move("close", OUT, S.CLOSED, by=WRITING, words="办结公函"),
        Move("withdraw", {S.SENT, *OUT}, S.WITHDRAWN, by=SIGNING, words="撤回公函"),
    ),
)


class ExtensionState(States):
    ASKED = "ASKED", "待决定", "blue"
    GRANTED = "GRANTED", "已同意", "green"
    DECLINED = "DECLINED", "未同意", "red"


E = ExtensionState
EXTENSION = Machine(
    "letter_extension",
    E.ASKED,
    (
        Move("grant", {E.ASKED}, E.GRANTED, by=WRITING, words="同意延期申请"),
        Move("decline", {E.ASKED}, E.DECLINED, by=WRITING, words="不同意延期申请"),
    ),
)


class ProposalState(States):
    PROPOSED = "PROPOSED", "待负责人决定", "blue"
    IN_USE = "IN_USE", "使用中", "green"
    DECLINED = "DECLINED", "未同意", "red"
    REPLACED = "REPLACED", "已被替代"


P = ProposalState
PROPOSED_IT = Duty("propose", "own_proposal", "这是您自己提出的，须由另一位负责人决定。")


def _proposal(name: str, what: str) -> Machine:
    """What an authority writes its letters with: one person proposes, another decides, the last in use stays on record."""
    return Machine(
        name,
        P.PROPOSED,
        (
            Move("agree", {P.PROPOSED}, P.IN_USE, by=SIGNING, four_eyes=PROPOSED_IT, words=f"同意{what}"),
            Move("decline", {P.PROPOSED}, P.DECLINED, by=SIGNING, four_eyes=PROPOSED_IT, words=f"不同意{what}"),
            Move("replace", {P.IN_USE}, P.REPLACED, by=SIGNING, words=f"替代{what}"),
        ),
    )


TEMPLATE = _proposal("letter_template", "公函模板")
HEAD = _proposal("letter_head", "公函版头")
