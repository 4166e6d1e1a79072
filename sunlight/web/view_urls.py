from django.urls import path

from sunlight.web.lists import saved

app_name = "web"
urlpatterns = [
    path("", saved.save, name="view_save"),
    path("<int:view_id>/", saved.change, name="view_change"),
]
