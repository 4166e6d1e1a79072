from django.apps import AppConfig


class BlocksConfig(AppConfig):
    name = "sunlight.blocks"
    label = "blocks"
    verbose_name = "公共组件"

    def ready(self):
        from sunlight.blocks import subscribers  # noqa: F401  hears of finished imports
