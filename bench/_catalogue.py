"""A national catalogue of any size: what the import of the invented release would leave."""

from collections.abc import Iterator
from itertools import islice

import _seed

from catalog.services import release_sql
from catalog.services.release_rows import ReleaseRow, full_row
from sunlight.acts import current_policy
from sunlight.demo.files import large_release
from sunlight.sheets.reading import Row
from tests import databases

_COLUMNS = ", ".join(name for name in release_sql.STAGED if name not in ("row_number", "old_code"))
_AT_ONCE = 20_000


def _rows(rows: int) -> Iterator[ReleaseRow]:
    law = current_policy().law(region=_seed.REGION, on=_seed.DAY)
    for number, cells in enumerate(large_release.release_rows(rows), start=2):
        yield full_row(Row(number, cells), law)


def fill(rows: int) -> None:
    """Specifications beside those that are there, with their indexes, then VACUUM ANALYZE."""
    with databases.owner() as owner, owner.cursor() as cursor, _seed.bare(cursor, ("catalog_nationalcode",)):
        made = _rows(rows)
        while some := list(islice(made, _AT_ONCE)):
            cursor.execute(
                f"insert into catalog_nationalcode ({_COLUMNS}, replaced_by, recorded_at)"
                f" select {_COLUMNS}, '', now() from json_populate_recordset(null::catalog_nationalcode, %s)"
                " on conflict do nothing",
                [release_sql.as_json(some)],
            )
