from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "pricing"
    verbose_name = "价格"

    def ready(self):
        from pricing import navigation, subscribers  # noqa: F401
