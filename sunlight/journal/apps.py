from django.apps import AppConfig, apps

from sunlight.kernel.modules import load


class JournalConfig(AppConfig):
    name = "sunlight.journal"
    label = "journal"
    verbose_name = "日志"

    def ready(self):
        # What every app declares, before anybody subscribes to it or looks for its words.
        load([app.name for app in apps.get_app_configs()], "events")
