from django.apps import AppConfig


class SheetsConfig(AppConfig):
    name = "sunlight.sheets"
    label = "sheets"
    verbose_name = "表格"
