from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "sunlight.publicity"
    label = "publicity"
    verbose_name = "公示"

    def ready(self):
        from sunlight.publicity import navigation, subscribers  # noqa: F401
