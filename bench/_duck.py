"""DuckDB beside the night: the same alert lines, statistics and segment edges from the same facts, as an engine made for
sums would give them, without rows, decisions and events. Its seconds are reported, they are no bound: the facts would have
to leave PostgreSQL every night, and what is read would not be what is locked."""

import os
import tempfile
from pathlib import Path

import _kit
import duckdb

_FIGURES = """
with low as (
    select price_group_id, min(price) as lowest from prices
     where valid_from <= date '{day}' and (valid_to is null or valid_to >= date '{day}') group by 1
), high as (
    select price_group_id, max(price) filter (where is_public) as highest from deals group by 1
), lines as (
    select price_group_id, least(coalesce(lowest, highest), coalesce(highest, lowest)) as line
      from low full join high using (price_group_id)
), levels as (
    select price_group_id, level, count(*) as n, min(price) as lowest, max(price) as highest,
           sum(price * q) / sum(q) as weighted, median(price) as median
      from deals where occurred_on > date '{year}' group by grouping sets ((price_group_id), (price_group_id, level))
), running as (
    select price_group_id, price, sum(q) over w as reached, sum(q) over (partition by price_group_id) as total
      from deals join lines using (price_group_id) where line is null or price <= line
    window w as (partition by price_group_id order by price rows unbounded preceding)
), edges as (
    select price_group_id, min(price) as a, min(price) filter (reached >= 0.5 * total) as b,
           min(price) filter (reached >= 0.9 * total) as c
      from running group by 1 having count(*) >= 3
)
select count(*), sum(line), (select sum(median) from levels), (select sum(b) from edges) from lines"""


def duckdb_figures(cursor, *, region: int, day, year, two_years) -> tuple[_kit.Spent, _kit.Spent, tuple[int, object]]:
    """What the export took (in the database), what DuckDB took, and (lines, their sum)."""
    with tempfile.TemporaryDirectory() as folder:
        deals, prices = Path(folder) / "deals.csv", Path(folder) / "prices.csv"
        with _kit.spent(cursor.connection.info.backend_pid) as taken_out:
            with deals.open("w") as file:
                cursor.copy_expert(
                    "copy (select price_group_id, price, net_quantity as q, hospital_level as level, is_public, occurred_on"
                    f" from pricing_dealfact where region_id = {region} and occurred_on > '{two_years}' and occurred_on <"
                    f" '{day}' and net_quantity > 0 and not is_gift and excluded_at is null) to stdout with csv header",
                    file,
                )
            with prices.open("w") as file:
                cursor.copy_expert(
                    "copy (select price_group_id, price, valid_from, valid_to from pricing_provinceprice"
                    f" where region_id = {region} and superseded_at is null) to stdout with csv header",
                    file,
                )
        engine = duckdb.connect(config={"threads": os.cpu_count() or 1})
        with _kit.spent() as loaded:
            engine.execute(
                f"create table deals as from read_csv('{deals}', types={{'price': 'decimal(14,4)', 'q': 'decimal(14,3)'}})"
            )
            engine.execute(f"create table prices as from read_csv('{prices}', types={{'price': 'decimal(14,4)'}})")
        taken_out.clock += loaded.clock
        taken_out.client += loaded.client
        with _kit.spent() as asked:
            found = engine.execute(_FIGURES.format(day=day, year=year)).fetchone()
    return taken_out, asked, (found[0], found[1])
