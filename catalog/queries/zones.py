"""Active and inactive zones of a platform's listings, by the SQL twin of `zone.classify`."""

from datetime import date

from django.db import connection

from catalog import rules
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.kernel.period import years_back

_COUNTS = f"""
with listings as (
    select id as listing_id, coalesce(listed_on, %(day)s) as listed_on, last_delivered_on as last_delivery_on,
           last_sold_on as last_sale_on
      from catalog_listing
     where platform_id = %(platform_id)s and state = %(listed)s
),{rules.ZONE_TWIN}
select zone, count(*) from zones group by zone order by zone"""


def zone_counts(*, platform_id: int, region: str, on: date, drafts: str = "binding") -> dict[str, int]:
    """How many of a platform's listed products are in each zone on a day by the law of its region (code); {} where no text
    in force has zones (SZ24-3.5a, JS20-14a)."""
    law = scope.policy().law(region=region, on=on, drafts=drafts)
    years = law.find("zone.window_years")
    if years is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS,
            {
                "platform_id": platform_id,
                "listed": ListingState.LISTED.value,
                "day": on,
                "zone_after": years_back(on, years.value),
                "counts_deliveries": law.at("zone.counts").value == "delivery",
                "when_idle": law.at("zone.when_idle").value,
            },
        )
        return dict(cursor.fetchall())
