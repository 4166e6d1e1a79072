from django.core.management.commands import migrate


class Command(migrate.Command):
    """Migrations run as the owner of the schema; the application's login may not change it."""

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
