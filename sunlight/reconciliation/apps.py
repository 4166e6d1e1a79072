from django.apps import AppConfig, apps

from sunlight.kernel.modules import load


class ReconciliationConfig(AppConfig):
    name = "sunlight.reconciliation"
    label = "reconciliation"
    verbose_name = "数据对账"

    def ready(self):
        from sunlight.reconciliation import navigation, subscribers  # noqa: F401

        # Which rows each app has reconciled.
        load([app.name for app in apps.get_app_configs()], "reconciled")
