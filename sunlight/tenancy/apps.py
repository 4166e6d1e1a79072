from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "sunlight.tenancy"
    label = "tenancy"
    verbose_name = "机构"
