from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "sunlight.tenancy"
    label = "tenancy"
    verbose_name = "机构"

    def ready(self):
        from sunlight.scope.duties import people_behind_are
        from sunlight.tenancy.queries.machines import people_behind

        people_behind_are(people_behind)
