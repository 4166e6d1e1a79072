"""Publishing every open platform's price information; beat calls it every ten minutes."""

from celery import shared_task

from pricing.queries import price_groups_to_publish
from pricing.services import price_information_publish, price_publication_record
from pricing.services.publication import chunks, over_all_platforms
from sunlight import scope
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries import open_platform_actors


@shared_task
def publish_price_information() -> int:
    """Publish what is new, or what a new day moves, chunk by chunk, each in a transaction of its own; the run is noted
    when its last chunk is through, so that one that broke off is done again. Returns the rows written."""
    written = 0
    for actor in open_platform_actors():
        at = scope.now(actor.platform_code)
        day, region = business_date(at), actor.region_code
        with scope.opened(actor):
            actor = over_all_platforms(actor)
        with scope.opened(actor):
            ids = price_groups_to_publish(region=region, business_day=day)
        rows = 0
        for chunk in chunks(ids):
            with scope.opened(actor):
                rows += len(
                    price_information_publish(
                        actor=actor, at=at, region=region, price_group_ids=chunk, business_day=day
                    )
                )
        with scope.opened(actor):
            price_publication_record(
                actor=actor, at=at, region=region, business_day=day, price_groups=len(ids), rows_written=rows
            )
        written += rows
    return written
