from django.urls import path

from sunlight.accounts.web import account, clients, entry, members, security

app_name = "accounts"
urlpatterns = [
    path("", entry.workbench, name="workbench"),
    path("login/", entry.login, name="login"),
    path("logout/", entry.logout, name="logout"),
    path("account/password/", account.password, name="password"),
    path("account/confirm/", account.confirm_again, name="confirm"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/sessions/end/", account.end_sessions, name="end_sessions"),
    path("account/security/", security.security, name="security"),
    path("account/factor/", security.factor, name="factor"),
    path("account/totp/begin/", security.totp_begin, name="totp_begin"),
    path("account/totp/", security.totp, name="totp"),
    path("account/passkey/", security.passkey, name="passkey"),
    path("account/certificate/", security.certificate, name="certificate"),
    path("account/factors/<int:factor_id>/remove/", security.factor_remove, name="factor_remove"),
    path("account/recovery-codes/", security.recovery_codes, name="recovery_codes"),
    path("members/", members.members, name="members"),
    path("members/add/", members.member_add, name="member_add"),
    path("members/<int:membership_id>/", members.member, name="member"),
    path("members/<int:membership_id>/roles/", members.member_roles, name="member_roles"),
    path("members/<int:membership_id>/switch/", members.member_switch, name="member_switch"),
    path("members/<int:membership_id>/sessions/end/", members.member_sessions_end, name="member_sessions_end"),
    path("members/<int:membership_id>/factors/reset/", members.member_factors_reset, name="member_factors_reset"),
    path("members/<int:membership_id>/password/reset/", members.member_password_reset, name="member_password_reset"),
    path("switch/", entry.switch, name="switch"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.new, name="client_new"),
    path("clients/<int:client_pk>/", clients.change, name="client_change"),
]
