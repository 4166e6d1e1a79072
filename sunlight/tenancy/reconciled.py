"""Which rows of organisations are reconciled with their events: where money is paid to."""

from sunlight.journal.rowfacts import left, rows

rows("tenancy_bankaccount", "收款账户")

left("目录性资料，公开可查，登记和变更各有事件。", "tenancy_region", "tenancy_platform", "tenancy_organisation")
left("登记资料，不决定价款。", "tenancy_producername", "tenancy_registration", "tenancy_profile", "tenancy_contact")
left("登记资料，不决定价款。", "tenancy_stake")
left("监管部门的决定，每次变更有事件。", "tenancy_draftsswitch")
left("只增不改，由触发器保护。", "tenancy_restriction", "tenancy_standing")
left("账号与权限，由权限事件和双人复核保护。", "tenancy_person", "tenancy_user", "tenancy_membership")
left(
    "账号与权限，由权限事件和双人复核保护。", "tenancy_personidentity", "tenancy_accesschange", "tenancy_accountletter"
)
left("账号与权限，由权限事件和双人复核保护。", "tenancy_machineduty", "tenancy_mandate", "tenancy_mandateuse")
left("登录凭据，只存摘要，不进事件。", "tenancy_pastpassword", "tenancy_factor", "tenancy_recoverycode")
left("登录凭据，只存摘要，不进事件。", "tenancy_apitoken", "tenancy_oauthclient", "tenancy_oauthsecret")
left("会话与登录记录，定期清理。", "tenancy_session", "tenancy_oauthtoken", "tenancy_loginrecord")
