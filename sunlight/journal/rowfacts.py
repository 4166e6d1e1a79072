"""Which rows are reconciled: every table whose rows events speak of, declared beside its app's events.

    rows("settlement_payment", "付款", name="number")
    rows("settlement_invoiceline", "发票明细", platform=through("invoice_id", "settlement_invoice"))
    left("只是草稿，没有对外效力。", "procurement_offersheet")

Each app says so in its `reconciled` module (or that of its room), and its `0002_wall` migration lays the triggers with
`keeping.keep_rows`, which keep every version of such a row, complete. A test compares models, declarations and triggers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Platform:
    """How a row of `{table}` is known to belong to a platform, in SQL: by whoever compares it, as `{row}`, and by its trigger
    when it is written."""

    of_row: str
    of_fact: str


OWN = Platform("{row}.platform_id", "{row}.platform_id")
# A region's rows name no platform: theirs is the one in whose scope they were written. A row that no scope has written is
# for the first platform to find. Whoever compares must see every platform's versions.
BY_SCOPE = Platform(
    "coalesce((select f.platform_id from journal_rowfact f where f.relation = '{table}' and f.row_id = {row}.id"
    " order by f.id desc limit 1), (select min(p.id) from tenancy_platform p))",
    "sun_platform()",
)


def through(column: str, parent: str) -> Platform:
    """That of the parent row: what was last kept of the parent says so, because triggers read no walled table."""
    return Platform(
        f"(select p.platform_id from {parent} p where p.id = {{row}}.{column})",
        "(select f.platform_id from public.journal_rowfact f"
        f" where f.relation = '{parent}' and f.row_id = {{row}}.{column} order by f.id desc limit 1)",
    )


@dataclass(frozen=True)
class Rows:
    """A reconciled table, its word for people, the column people know its rows by, and the columns that are `derived` from
    others and therefore not kept, each with the reason."""

    table: str
    words: str
    name: str = "id"
    platform: Platform = OWN
    derived: Mapping[str, str] = field(default_factory=dict)


ROWS: dict[str, Rows] = {}
# table → why it is not reconciled
LEFT: dict[str, str] = {}


def rows(table: str, words: str, **more) -> Rows:
    """Declare a reconciled table; `more` are the fields of `Rows`. Raises ValueError for a table declared twice."""
    _new(table)
    ROWS[table] = Rows(table, words, **more)
    return ROWS[table]


def left(reason: str, *tables: str) -> None:
    """Declare tables of a reconciling app that are not reconciled. Raises ValueError for a table declared twice."""
    for table in tables:
        _new(table)
        LEFT[table] = reason


def _new(table: str) -> None:
    if table in ROWS or table in LEFT:
        raise ValueError(f"{table} is declared twice")
