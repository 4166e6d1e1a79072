from django.core.management.base import BaseCommand

from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors
from supervision.services.figures import figures_rebuild


class Command(BaseCommand):
    help = "Recomputes the overview's figures of every open platform from the rows of the trade."

    def handle(self, *args, **options):
        for actor in open_platform_actors():
            with scope.opened(actor):
                done = figures_rebuild(actor=actor, at=scope.now(actor.platform_code))
            self.stdout.write(f"{actor.platform_code}: 写入 {done['written']} 项，移除 {done['removed']} 项")
