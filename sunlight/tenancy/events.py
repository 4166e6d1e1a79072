"""What happens to organisations, their people and their keys."""

from sunlight.journal.declared import Label, event, labels, subject
from sunlight.tenancy.workflows import ChangeState, DutyState, MandateState

labels(
    {
        "account_number": Label("银行账号", whole_for="payee_account"),
        "act": "受限行为",
        "after": "变更为",
        "authority": "监管部门",
        "bank_account": "银行账户",
        "buyer": "采购方",
        "client": "接口客户端",
        "client_id": "客户端编号",
        "confirmer": "确认人",
        "contacts": "联系方式",
        "change_kind": "变更事项",
        "credit_code": "统一社会信用代码",
        "distributor": "配送企业",
        "giver": "授权人",
        "gaining": "受益人员",
        "grade": "等级",
        "hospital": "医疗机构",
        "hospital_level": "医院等级",
        "is_public": "公立医疗机构",
        "lifted_on": "解除日",
        "machine": "业务",
        "manufacturer": "生产企业",
        "membership": "人员岗位",
        "move": "操作",
        "participation": "参与范围",
        "per_act_fen": "单笔上限",
        "per_day_fen": "每日上限",
        "profile": "机构资料",
        "region": "地区",
        "removed": "移除数量",
        "restriction": "限制",
        "role": "岗位",
        "roles": "岗位",
        "scopes": "权限范围",
        "seller": "销售方",
        "standing": "信用登记",
        "stakes": "股东与实际控制人",
        "token": "接口令牌",
        "told_roles": "告知岗位",
        "username": "登录名",
    }
)

# Some events are about a platform itself: a summary for those who watch, codes that changed.
PLATFORM = subject("platform", "平台", has_trace=False)

ORGANISATION = subject("organisation", "机构", read_as="qualification")
ORGANISATION_REGISTERED = event("organisation_registered", "机构登记", ORGANISATION)
RESTRICTION_IMPOSED = event("restriction_imposed", "限制交易", ORGANISATION)
RESTRICTION_LIFTED = event("restriction_lifted", "解除交易限制", ORGANISATION)
STANDING_RECORDED = event("standing_recorded", "登记信用等级", ORGANISATION)

DRAFTS_SWITCH = subject("drafts_switch", "征求意见稿的执行方式", has_trace=False)
DRAFTS_SWITCH_PROPOSED = event(
    "drafts_switch_proposed",
    "提出变更征求意见稿的执行方式",
    DRAFTS_SWITCH,
    labels={"before": "原执行方式"},
)
DRAFTS_SWITCHED = event(
    "drafts_switched",
    "变更征求意见稿的执行方式",
    DRAFTS_SWITCH,
    labels={"before": "原执行方式"},
)
DRAFTS_SWITCH_REFUSED = event(
    "drafts_switch_refused",
    "不同意变更征求意见稿的执行方式",
    DRAFTS_SWITCH,
    labels={"before": "原执行方式"},
)

USER = subject("user", "人员", has_trace=False)
USER_CREATED = event("user_created", "创建账号", USER)
FIRST_PASSWORD_SET = event("first_password_set", "设置初始密码", USER)
PASSWORD_CHANGED = event("password_changed", "修改密码", USER)
SESSIONS_ENDED = event("sessions_ended", "退出其他登录", USER)
PASSWORD_RENEWED = event("password_renewed", "凭链接设置密码", USER)
FACTORS_RENEWED = event("factors_renewed", "凭链接清除第二重验证", USER)
CONTACT_CHANGED = event("contact_changed", "变更手机或邮箱", USER)
FACTOR_ADDED = event("factor_added", "添加第二重验证", USER)
FACTOR_REMOVED = event("factor_removed", "移除第二重验证", USER)
RECOVERY_CODES_MADE = event("recovery_codes_made", "生成恢复码", USER)

MEMBERSHIP = subject("membership", "人员岗位", has_trace=False)
MEMBERSHIP_GRANTED = event("membership_granted", "授予岗位", MEMBERSHIP)
MEMBER_ADDED = event("member_added", "添加人员", MEMBERSHIP)
MEMBER_ROLES_SET = event("member_roles_set", "调整人员岗位", MEMBERSHIP, labels={"before": "原岗位"})
MEMBER_ENABLED = event("member_enabled", "启用人员", MEMBERSHIP)
MEMBER_DISABLED = event("member_disabled", "停用人员", MEMBERSHIP)
MEMBER_SESSIONS_ENDED = event("member_sessions_ended", "强制人员退出登录", MEMBERSHIP)
MEMBER_FACTORS_RESET = event("member_factors_reset", "同意人员重置第二重验证", MEMBERSHIP)
MEMBER_PASSWORD_RESET = event("member_password_reset", "同意人员重置密码", MEMBERSHIP)
MEMBER_LINK_SENT = event("member_link_sent", "向本人重新发送链接", MEMBERSHIP)

ACCESS_CHANGE = subject("access_change", "权限变更", states=ChangeState, aliases=("change",), has_trace=False)
ACCESS_CHANGE_ASKED = event("access_change_asked", "提出权限变更", ACCESS_CHANGE)
ACCESS_CHANGE_CONFIRMED = event("access_change_confirmed", "确认权限变更", ACCESS_CHANGE)
ACCESS_CHANGE_REFUSED = event("access_change_refused", "不同意权限变更", ACCESS_CHANGE)
ACCESS_CHANGE_WITHDRAWN = event("access_change_withdrawn", "撤回权限变更", ACCESS_CHANGE)
ACCESS_CHANGE_EXPIRED = event("access_change_expired", "权限变更逾期失效", ACCESS_CHANGE)

API_TOKEN = subject("api_token", "接口令牌", has_trace=False)
TOKEN_ISSUED = event("token_issued", "签发接口令牌", API_TOKEN)

MACHINE_DUTY = subject("machine_duty", "接口职责", states=DutyState, has_trace=False)
MACHINE_DUTY_ASKED = event("machine_duty_asked", "请人为接口负责", MACHINE_DUTY)
MACHINE_DUTY_CONFIRMED = event("machine_duty_confirmed", "确认为接口负责", MACHINE_DUTY)
MACHINE_DUTY_ENDED = event("machine_duty_ended", "终止接口职责", MACHINE_DUTY)

MANDATE = subject("mandate", "接口授权书", states=MandateState, has_trace=False)
MANDATE_GIVEN = event("mandate_given", "提出接口授权书", MANDATE)
MANDATE_CONFIRMED = event("mandate_confirmed", "确认接口授权书", MANDATE)
MANDATE_ENDED = event("mandate_ended", "终止接口授权书", MANDATE)

OAUTH_CLIENT = subject("oauth_client", "接口客户端", has_trace=False)
OAUTH_CLIENT_CREATED = event("oauth_client_created", "创建接口客户端", OAUTH_CLIENT)
OAUTH_SECRET_ROTATED = event("oauth_secret_rotated", "更换接口客户端密钥", OAUTH_CLIENT)
OAUTH_CLIENT_DISABLED = event("oauth_client_disabled", "停用接口客户端", OAUTH_CLIENT)
OAUTH_CLIENT_ENABLED = event("oauth_client_enabled", "启用接口客户端", OAUTH_CLIENT)
OAUTH_CLIENT_ROLE_ADDED = event("oauth_client_role_added", "增加接口客户端的岗位", OAUTH_CLIENT)
