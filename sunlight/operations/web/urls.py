from django.urls import path

from sunlight.operations.web import dead_letters

app_name = "operations"
urlpatterns = [
    path("dead-letters/", dead_letters.dead_letters, name="dead_letters"),
    path("dead-letters/<int:delivery_id>/retry/", dead_letters.retry, name="retry"),
]
