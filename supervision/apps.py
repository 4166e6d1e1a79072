from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    verbose_name = "监管"

    def ready(self):
        from supervision import jobs, navigation, subscribers  # noqa: F401
