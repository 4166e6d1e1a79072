from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    name = "procurement"
    verbose_name = "议价与采购"

    def ready(self):
        from procurement import navigation, subscribers  # noqa: F401  fills menu and workbench, tells news
