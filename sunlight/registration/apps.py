from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "sunlight.registration"
    label = "registration"
    verbose_name = "机构登记"

    def ready(self):
        from sunlight.registration import navigation  # noqa: F401
