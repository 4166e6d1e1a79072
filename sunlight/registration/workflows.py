"""The life of an organisation's application to a platform, and of the qualifications it answers for afterwards.

The applicant is nobody the platform knows yet: who holds the number and the secret link acts as SYSTEM on its behalf.
"""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class RegistrationState(States):
    DRAFT = "DRAFT", "草稿"
    SUBMITTED = "SUBMITTED", "待审核", "blue"
    RETURNED = "RETURNED", "待补正", "red"
    ACCEPTED = "ACCEPTED", "已通过", "green"
    REFUSED = "REFUSED", "未通过", "red"
    WITHDRAWN = "WITHDRAWN", "已撤回"


R = RegistrationState
APPLICANT, REVIEWER = {Role.SYSTEM}, {Role.OPERATOR_REVIEWER}

REGISTRATION = Machine(
    "registration",
    R.DRAFT,
    (
        Move("submit", {R.DRAFT, R.RETURNED}, R.SUBMITTED, by=APPLICANT, words="提交登记"),
        Move("withdraw", {R.DRAFT, R.SUBMITTED, R.RETURNED}, R.WITHDRAWN, by=APPLICANT, words="撤回登记"),
        Move("return", {R.SUBMITTED}, R.RETURNED, by=REVIEWER, words="退回补正"),
        # It makes an account and an administrator.
        Move("accept", {R.SUBMITTED}, R.ACCEPTED, by=REVIEWER, in_person=True, words="通过登记"),
        Move("refuse", {R.SUBMITTED}, R.REFUSED, by=REVIEWER, words="不予登记"),
    ),
)


class QualificationState(States):
    DECLARED = "DECLARED", "待确认"
    CONFIRMED = "CONFIRMED", "有效登记", "green"
    REJECTED = "REJECTED", "未确认", "red"
    REPLACED = "REPLACED", "已换新"


Q = QualificationState

QUALIFICATION = Machine(
    "qualification",
    Q.DECLARED,
    (
        Move("confirm", {Q.DECLARED}, Q.CONFIRMED, by={Role.OPERATOR_REVIEWER}, words="确认资质"),
        Move("reject", {Q.DECLARED}, Q.REJECTED, by={Role.OPERATOR_REVIEWER}, words="不予确认"),
        Move("replace", {Q.CONFIRMED}, Q.REPLACED, by={Role.OPERATOR_REVIEWER}, words="换新"),
    ),
)
