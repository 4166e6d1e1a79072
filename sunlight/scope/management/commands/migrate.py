from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader

from sunlight.scope.tickets import tell_the_database
from sunlight.scope.wall import KeepsTo


class Command(migrate.Command):
    """Migrations run as the owner of the schema; the application's login may not change it. After them the database is told
    the keys of tickets and, as the machines may have changed, who may move what from where to where."""

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args, **options):
        super().handle(*args, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            tell_the_database(options["database"])
            keep_to_the_machines(options["database"])


def keep_to_the_machines(alias: str) -> int:
    """Put every machine's moves on its table again; how many tables. Those of migrations that are not applied wait."""
    loader = MigrationLoader(connections[alias])
    kept = [
        operation
        for key, migration in loader.disk_migrations.items()
        if key in loader.applied_migrations
        for operation in migration.operations
        if isinstance(operation, KeepsTo)
    ]
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        for operation in kept:
            cursor.execute(operation.sql)
    return len(kept)
