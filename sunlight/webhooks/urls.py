from django.urls import path

from sunlight.webhooks import web

app_name = "webhooks"
urlpatterns = [
    path("", web.webhooks, name="webhooks"),
    path("<int:webhook_id>/", web.webhook, name="webhook"),
    path("deliveries/<int:delivery_id>/redeliver/", web.redeliver, name="redeliver"),
]
