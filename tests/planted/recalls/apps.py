from django.apps import AppConfig


class RecallsConfig(AppConfig):
    name = "recalls"
    verbose_name = "召回"

    def ready(self):
        from recalls import navigation, subscribers  # noqa: F401
