"""How a region's purchases lie among the nine segments: counted by the platform, published for all, without who."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from pricing.queries.figures import FACTS, figures_parameters
from sunlight.kernel.policy import Law

_STATEMENT = f"""
with {FACTS},
lines as (
    select price_group_id,
           array(select edge::numeric from jsonb_array_elements_text(segments->'outcome'->'boundaries') edge) as edges
      from pricing_priceinformation
     where region_id = %(region_id)s and business_day = %(day)s and price_group_id = any (%(price_group_ids)s)
       and jsonb_typeof(segments->'outcome'->'boundaries') = 'array'
),
placed as (
    select price_group_id, buyer_id, quantity,
           case when edges is null then 0 when price > edges[10] then 10
                else greatest((select count(*) from unnest(edges) edge where edge < price), 1) end as band
      from deals
      left join lines using (price_group_id)
     where occurred_on <= %(day)s
),
totals as (
    select price_group_id, count(*) as deals, sum(quantity) as quantity, count(distinct buyer_id) as institutions
      from placed
     group by price_group_id
),
by_band as (
    select price_group_id, band, count(*) as deals, sum(quantity) as quantity
      from placed
     where band > 0
     group by price_group_id, band
),
told as (
    select price_group_id, jsonb_agg(jsonb_build_object(
               'band', band, 'deals', by_band.deals,
               'share', round(100 * by_band.quantity / totals.quantity, 1)::text) order by band) as bands
      from by_band
      join totals using (price_group_id)
     where institutions >= %(least_institutions)s
     group by price_group_id
)
insert into pricing_pricedistribution (
       region_id, price_group_id, business_day, known_until, institutions, deals, bands, published_at)
select %(region_id)s, price_group_id, %(day)s, %(known_until)s, coalesce(institutions, 0), coalesce(totals.deals, 0),
       coalesce(bands, '[]'), %(published_at)s
  from groups
  left join totals using (price_group_id)
  left join told using (price_group_id)
on conflict (region_id, price_group_id, business_day) do update
   set known_until = excluded.known_until, institutions = excluded.institutions, deals = excluded.deals,
       bands = excluded.bands, published_at = excluded.published_at
"""


def distribution_write(
    law: Law, *, region_id: int, price_group_ids: Sequence[int], known_until: datetime, at: datetime
) -> None:
    """Publish the distributions of groups whose figures of the law's day were written just now, in one statement. Call
    it in the publication's transaction, in a scope of the platform."""
    if not price_group_ids:
        return
    values = figures_parameters(law, region_id=region_id, price_group_ids=price_group_ids, known_until=known_until)
    # Of the two years that an alert line looks at, only these months are counted here, so only they are read.
    # With fewer institutions, each could work out the others' prices from the shares.
    least = law.at("distribution.least_institutions").value
    values |= {"deals_after": values["statistics_after"], "published_at": at, "least_institutions": least}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, values)
