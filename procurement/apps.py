from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    name = "procurement"
    verbose_name = "议价与采购"

    def ready(self):
        from procurement import navigation, subscribers  # noqa: F401  fills menu and workbench, tells news
        from procurement.contracts import steps as contracts  # noqa: F401  the key steps that have a time limit
        from procurement.ordering import steps as ordering  # noqa: F401
        from procurement.receiving import steps as receiving  # noqa: F401
