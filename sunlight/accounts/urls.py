from django.urls import path

from sunlight.accounts.web import account, blocks_urls, entry

app_name = "accounts"
urlpatterns = [
    path("", entry.workbench, name="workbench"),
    path("login/", entry.login, name="login"),
    path("logout/", entry.logout, name="logout"),
    path("account/password/", account.password, name="password"),
    path("account/confirm/", account.confirm_again, name="confirm"),
    path("account/sessions/", account.sessions, name="sessions"),
    path("account/sessions/end/", account.end_sessions, name="end_sessions"),
    path("switch/", entry.switch, name="switch"),
    *blocks_urls.urlpatterns,
]
