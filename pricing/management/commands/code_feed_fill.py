from django.core.management.base import BaseCommand

from pricing.services.feeds import code_feed_fill
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors


class Command(BaseCommand):
    help = "Puts every code that ever stood listed into the code feed once more: after an upgrade, or where a feed is doubted."

    def add_arguments(self, parser):
        parser.add_argument("--platform", help="only this platform's code")

    def handle(self, *args, platform=None, **options):
        for actor in open_platform_actors():
            if platform in (None, actor.platform_code):
                with scope.opened(actor):
                    changes = code_feed_fill(actor=actor, at=scope.now(actor.platform_code))
                self.stdout.write(f"{actor.platform_code}: {changes} codes announced")
