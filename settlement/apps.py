from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "settlement"
    verbose_name = "结算"

    def ready(self):
        from settlement import navigation, subscribers  # noqa: F401  fills menu and workbench, tells news
        from settlement.services import prompts  # noqa: F401  letters may be about payables
