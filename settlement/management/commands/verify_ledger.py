from django.core.management.base import BaseCommand, CommandError

from settlement.queries.ledger import ledger_faults
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors


class Command(BaseCommand):
    help = "Recomputes every platform's ledger from its legs and prints the faults; exit code 1 where there are any."

    def add_arguments(self, parser):
        parser.add_argument("--platform", help="only this platform's code")

    def handle(self, *args, platform=None, **options):
        actors = [a for a in open_platform_actors() if platform in (None, a.platform_code)]
        if not actors:
            raise CommandError(f"no open platform {platform}")
        broken = 0
        for actor in actors:
            with scope.opened(actor):
                faults = ledger_faults(actor.platform_id)
            for fault in faults:
                self.stdout.write(f"{actor.platform_code}: {fault}")
            if not faults:
                self.stdout.write(f"{actor.platform_code}: ledger holds")
            broken += len(faults)
        if broken:
            raise CommandError(f"{broken} faults")
