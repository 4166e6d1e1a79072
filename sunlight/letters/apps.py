from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "sunlight.letters"
    label = "letters"
    verbose_name = "公函"

    def ready(self):
        from sunlight.letters import navigation  # noqa: F401
