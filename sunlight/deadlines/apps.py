from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "sunlight.deadlines"
    label = "deadlines"
    verbose_name = "时限"

    def ready(self):
        from sunlight.deadlines import navigation, subscribers  # noqa: F401
