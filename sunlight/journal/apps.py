from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "sunlight.journal"
    label = "journal"
    verbose_name = "日志"
