from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "sunlight.accounts"
    label = "accounts"
    verbose_name = "账户"

    def ready(self):
        from sunlight.accounts import navigation, subscribers  # noqa: F401
