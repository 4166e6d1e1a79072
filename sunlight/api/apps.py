from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "sunlight.api"
    label = "sunlight_api"
    verbose_name = "接口"
