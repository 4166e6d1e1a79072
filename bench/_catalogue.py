"""A national catalogue of any size, by COPY: what the import of the invented release would leave."""

from collections.abc import Iterator

import _seed

from catalog.services import release_sql
from catalog.services.release_lane import Lane
from catalog.services.release_rows import FULL
from sunlight.acts import current_policy
from sunlight.demo.files import large_release
from tests import databases

_FIELDS = release_sql.STAGED[FULL.key]
_COLUMNS = tuple(name for name in _FIELDS if name not in ("row_number", "old_code"))

_TYPES = {"is_retired": "boolean", "search_pairs": "integer[]"}


def _lines(rows: int) -> Iterator[str]:
    lane = Lane(list(large_release.HEADINGS), current_policy().law(region=_seed.REGION, on=_seed.DAY))
    for number, row in enumerate(large_release.release_rows(rows), start=2):
        yield lane.take(number, [row[heading] for heading in large_release.HEADINGS]) + "\n"


def fill(rows: int) -> None:
    """Specifications beside those that are there, with their indexes, then VACUUM ANALYZE."""
    with databases.owner() as owner, owner.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in _FIELDS)
        cursor.execute(f"create temp table read ({columns})")
        text = _seed.Lines(_lines(rows))
        cursor.copy_expert("copy read from stdin with (delimiter E'\\x1f')", text)
        with _seed.bare(cursor, ("catalog_nationalcode",)):
            values = ", ".join(f"{name}::{_TYPES.get(name, 'text')}" for name in _COLUMNS)
            cursor.execute(
                f"insert into catalog_nationalcode ({', '.join(_COLUMNS)}, replaced_by, recorded_at)"
                f" select {values}, '', now() from read on conflict do nothing"
            )
        cursor.execute("drop table read")
