from django.core.management.base import BaseCommand

from sunlight import scope
from sunlight.tenancy.services.reference import BOOTSTRAP, reference_load


class Command(BaseCommand):
    help = "Loads the regions and platforms; safe to run again."

    def handle(self, *args, **options):
        with scope.opened(BOOTSTRAP):
            reference_load(actor=BOOTSTRAP, at=scope.now())
