from django.urls import path

from sunlight.deadlines import web

app_name = "deadlines"
urlpatterns = [path("", web.deadlines, name="deadlines")]
