from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "sunlight.answers"
    label = "answers"
    verbose_name = "应答"
