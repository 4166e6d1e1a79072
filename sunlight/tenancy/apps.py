from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "sunlight.tenancy"
    label = "tenancy"
    verbose_name = "机构"

    def ready(self):
        from sunlight.scope.duties import people_behind_are
        from sunlight.tenancy.queries.machines import people_behind

        # The kinds of changes that a second person confirms.
        from sunlight.tenancy.services import member_changes, oauth  # noqa: F401

        people_behind_are(people_behind)
