from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "sunlight.messages"
    label = "sunlight_messages"
    verbose_name = "消息"

    def ready(self):
        from sunlight.messages import navigation, subscribers  # noqa: F401
