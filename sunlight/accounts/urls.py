from django.urls import path

from sunlight.accounts import web

app_name = "accounts"
urlpatterns = [
    path("", web.workbench, name="workbench"),
    path("login/", web.login, name="login"),
    path("logout/", web.logout, name="logout"),
    path("switch/", web.switch, name="switch"),
]
