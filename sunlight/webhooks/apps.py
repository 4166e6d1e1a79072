from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "sunlight.webhooks"
    label = "webhooks"
    verbose_name = "事件推送"

    def ready(self):
        from sunlight.webhooks import navigation  # noqa: F401
