from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "结算"

    def ready(self):
        from settlement import navigation  # noqa: F401  fills the menu and the workbench
