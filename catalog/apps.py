from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "目录与挂网"

    def ready(self):
        from catalog import jobs, navigation, subscribers  # noqa: F401  fills menu, workbench, jobs, tells news
