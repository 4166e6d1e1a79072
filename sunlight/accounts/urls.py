from django.urls import path

from sunlight.accounts.web import blocks_urls, entry

app_name = "accounts"
urlpatterns = [
    path("", entry.workbench, name="workbench"),
    path("login/", entry.login, name="login"),
    path("logout/", entry.logout, name="logout"),
    path("switch/", entry.switch, name="switch"),
    *blocks_urls.urlpatterns,
]
