"""Many rows of a multi-party table, for looking at plans: copies of one planted row with other ids, parties and dates.

To be used on a database of one's own: it drops the tables' foreign keys, so that parties need not exist, and runs as the
owner with forced row security lifted for the time of filling.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db.models import Max

from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.tenancy.trade import TradeQuerySet
from tests import databases
from tests.rows import OPERATORS_OWN

HOSPITALS, MAKERS, DISTRIBUTORS = 73, 211, 61
FIRST_HOSPITAL, FIRST_MAKER, FIRST_DISTRIBUTOR = 10_000, 20_000, 30_000
# A party of each kind with a handful of rows, all of them the oldest: what a walk from the newest would never reach.
RARE = {"buyer_id": 10_999, "seller_id": 20_999, "distributor_id": 30_999}
RARE_ROWS = 5
PARTY_COLUMNS = {
    "buyer_id": f"{FIRST_HOSPITAL} + g % {HOSPITALS}",
    "seller_id": f"{FIRST_MAKER} + g % {MAKERS}",
    "distributor_id": f"{FIRST_DISTRIBUTOR} + g % {DISTRIBUTORS}",
}


def multi_party_models() -> list:
    """Every model whose rows a buyer and a seller share."""
    return [
        model
        for model in apps.get_models()
        if {"buyer", "seller"} <= {field.name for field in model._meta.concrete_fields}
        and model._meta.db_table not in OPERATORS_OWN
    ]


@contextmanager
def open_to_the_owner(model) -> Iterator:
    """A cursor of the owner to whom the table's row security does not apply."""
    table = model._meta.db_table
    with databases.owner() as owner, owner.cursor() as cursor:
        cursor.execute(f"alter table {table} no force row level security")
        try:
            yield cursor
        finally:
            cursor.execute(f"alter table {table} force row level security")


def fill(model, template_id: int, count: int) -> None:
    """`count` rows beside the planted one with `template_id`, then ANALYZE."""
    table = model._meta.db_table
    with open_to_the_owner(model) as cursor:
        cursor.execute("select conname from pg_constraint where conrelid = %s::regclass and contype = 'f'", [table])
        for (name,) in cursor.fetchall():
            cursor.execute(f"alter table {table} drop constraint {name}")
        # Keys of these fill-ins would collide on what is the same in every copy.
        cursor.execute(
            "select indexrelid::regclass::text, indexrelid in (select conindid from pg_constraint where contype <> 'f'),"
            " (select conname from pg_constraint c where c.conindid = indexrelid and c.contype <> 'f')"
            " from pg_index where indrelid = %s::regclass and indisunique and not indisprimary",
            [table],
        )
        for index, is_constraint, constraint in cursor.fetchall():
            cursor.execute(
                f"alter table {table} drop constraint {constraint}" if is_constraint else f"drop index {index}"
            )
        columns = {field.column: f"t.{field.column}" for field in model._meta.concrete_fields}
        columns |= {"id": "g", "platform_id": "case when g % 10 = 0 then 2 else t.platform_id end"}
        for column, expression in PARTY_COLUMNS.items():
            if column in columns:
                columns[column] = f"case when g <= {RARE_ROWS} then {RARE[column]} else {expression} end"
        cursor.execute(
            f"insert into {table} ({', '.join(columns)}) select {', '.join(columns.values())}"
            f" from {table} t, generate_series(1, {count:d}) g where t.id = {template_id:d}"
        )
        cursor.execute(f"analyze {table}")


def actor_of(column: str, platform_id: int, region_id: int, *, rare: bool = False) -> Actor:
    """The hospital, maker or distributor that `column` names, or, for "platform", the platform's operator."""
    if column == "platform":
        return Actor(
            kind=Kind.OPERATOR, platform_id=platform_id, organisation_id=9, platform_ids=(platform_id,),
            region_ids=(region_id,), roles=frozenset({Role.OPERATOR_REVIEWER}),
        )  # fmt: skip
    first = {"buyer_id": FIRST_HOSPITAL, "seller_id": FIRST_MAKER, "distributor_id": FIRST_DISTRIBUTOR}[column]
    return Actor(
        kind=Kind.HOSPITAL if column == "buyer_id" else Kind.SUPPLIER,
        platform_id=platform_id,
        organisation_id=RARE[column] if rare else first + 7,
        roles=frozenset({Role.HOSPITAL_BUYER if column == "buyer_id" else Role.SUPPLIER_SELLER}),
    )


def askers(model) -> list[str]:
    return [*(c for c in PARTY_COLUMNS if any(f.column == c for f in model._meta.concrete_fields)), "platform"]


def first_page(model, actor: Actor):
    """The newest rows, as every list asks for them."""
    return TradeQuerySet(model).visible_to(actor).order_by("-id")[:50]


def own_rows(model, actor: Actor):
    """The number and newest of all a party's rows."""
    return TradeQuerySet(model).visible_to(actor).values("platform_id").annotate(last=Max("id"))


def empty(model, template_id: int) -> None:
    """Take the copies out again."""
    with open_to_the_owner(model) as cursor:
        cursor.execute(f"delete from {model._meta.db_table} where id < %s", [template_id])


def scans(plan: dict, table: str) -> Iterator[dict]:
    """Every node of a plan that reads `table`."""
    if plan.get("Relation Name") == table or (plan["Node Type"] == "Bitmap Index Scan"):
        yield plan
    for child in plan.get("Plans", ()):
        yield from scans(child, table)
