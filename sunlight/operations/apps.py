from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "sunlight.operations"
    label = "operations"
    verbose_name = "运行维护"

    def ready(self):
        from sunlight.operations import navigation  # noqa: F401
