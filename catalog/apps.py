from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "可交易目录"

    def ready(self):
        from catalog import navigation, subscribers  # noqa: F401  fills menu and workbench, tells news
