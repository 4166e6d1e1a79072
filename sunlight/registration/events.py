"""An organisation's application to a platform, and the qualifications it answers for afterwards."""

from sunlight.journal.declared import event, labels, subject
from sunlight.registration.workflows import QualificationState, RegistrationState

labels(
    {
        "commitment_sha256": "承诺书摘要",
        "commitment_version": "承诺书版本",
        "declared": "申报内容",
        "documents": "材料",
        "replaces": "替代",
        "until": "有效期至",
    }
)

REGISTRATION = subject("registration", "机构登记申请", states=RegistrationState)
REGISTRATION_SUBMITTED = event("registration_submitted", "提交登记申请", REGISTRATION)
REGISTRATION_RETURNED = event("registration_returned", "退回补正", REGISTRATION)
REGISTRATION_REFUSED = event("registration_refused", "不予登记", REGISTRATION)
REGISTRATION_ACCEPTED = event("registration_accepted", "通过登记", REGISTRATION)
REGISTRATION_WITHDRAWN = event("registration_withdrawn", "撤回登记申请", REGISTRATION)
REGISTRATION_ACTIVATED = event("registration_activated", "开通管理员账号", REGISTRATION)

QUALIFICATION = subject("qualification", "机构资质", states=QualificationState)
QUALIFICATION_DECLARED = event("qualification_declared", "申报资质", QUALIFICATION)
QUALIFICATION_CONFIRMED = event("qualification_confirmed", "确认资质", QUALIFICATION)
QUALIFICATION_REJECTED = event("qualification_rejected", "不予确认资质", QUALIFICATION)
QUALIFICATION_REPLACED = event("qualification_replaced", "资质换新", QUALIFICATION)
