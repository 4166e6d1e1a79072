"""Price groups that sold the same thing before: under a code that was replaced since, or under an earlier listing."""

from collections.abc import Iterable

from django.db import connection

# From the codes of a group to those they took the place of, and to every group of the maker that was ever listed with one
# of them. A group in another unit is left out: its price cannot be compared.
_EARLIER = """
with recursive known (price_group_id, code_id, code) as (
  select l.price_group_id, c.id, c.code
    from catalog_listing l
    join catalog_listedspecification s on s.listing_id = l.id
    join catalog_nationalcode c on c.id = s.national_code_id
   where l.price_group_id = any(%s)
  union
  select k.price_group_id, c.id, c.code
    from known k join catalog_nationalcode c on c.replaced_by = k.code and c.replaced_by <> ''
)
select distinct k.price_group_id, l.price_group_id
  from known k
  join catalog_listedspecification s on s.national_code_id = k.code_id
  join catalog_listing l on l.id = s.listing_id
  join catalog_pricegroup own on own.id = k.price_group_id
  join catalog_pricegroup other on other.id = l.price_group_id
 where other.id <> own.id and other.manufacturer_id = own.manufacturer_id and other.pricing_unit = own.pricing_unit
   and l.listed_on is not null
"""


def earlier_groups(price_group_ids: Iterable[int]) -> dict[int, set[int]]:
    """Price group → the maker's other groups that were listed with the same specifications, or with codes that these
    replaced (转码), directly or through others, in the same pricing unit. Those without any are absent. One query."""
    wanted = list(price_group_ids)
    found: dict[int, set[int]] = {}
    if not wanted:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, [wanted])
        for group, earlier in cursor.fetchall():
            found.setdefault(group, set()).add(earlier)
    return found
