from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "sunlight.tenancy"
    label = "tenancy"
    verbose_name = "机构"

    def ready(self):
        from sunlight.scope.duties import people_behind_are
        from sunlight.tenancy.queries.machines import people_behind
        from sunlight.tenancy.services import oauth  # noqa: F401

        people_behind_are(people_behind)
