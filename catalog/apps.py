from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "可交易目录"

    def ready(self):
        from catalog import jobs, navigation, subscribers  # noqa: F401  fills menu, workbench, jobs, tells news
