from django.urls import path

from sunlight.web.lists import saved, taking

app_name = "web"
urlpatterns = [
    path("", saved.save, name="view_save"),
    path("export/", taking.take, name="list_take"),
    path("<int:view_id>/", saved.change, name="view_change"),
]
