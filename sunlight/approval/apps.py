from django.apps import AppConfig


class ApprovalConfig(AppConfig):
    name = "sunlight.approval"
    label = "approval"
    verbose_name = "审批"

    def ready(self):
        from sunlight.approval import navigation, services  # noqa: F401
