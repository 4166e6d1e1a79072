from django.core.management.commands import migrate

from sunlight.scope.tickets import tell_the_database


class Command(migrate.Command):
    """Migrations run as the owner of the schema; the application's login may not change it."""

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args, **options):
        super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            tell_the_database(options["database"])
