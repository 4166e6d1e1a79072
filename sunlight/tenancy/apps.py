from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "sunlight.tenancy"
    label = "tenancy"
    verbose_name = "机构"

    def ready(self):
        # The kinds of changes that a second person confirms.
        from sunlight.tenancy.services import member_changes  # noqa: F401
