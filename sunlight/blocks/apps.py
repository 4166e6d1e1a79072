from django.apps import AppConfig


class BlocksConfig(AppConfig):
    name = "sunlight.blocks"
    label = "blocks"
    verbose_name = "公共组件"
