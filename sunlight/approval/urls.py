from django.urls import path

from sunlight.approval import web

app_name = "approval"
urlpatterns = [path("", web.flow, name="flow")]
