from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sunlight.web"
    label = "sunlight_web"
    verbose_name = "网页"
