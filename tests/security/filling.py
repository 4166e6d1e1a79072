"""Many rows of a multi-party table, for looking at plans: copies of one planted row with other ids, parties and dates.

Use it on a database of your own: it drops the tables' foreign keys, so that parties need not exist, and runs as the
owner with forced row security lifted for the time of filling.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max

from procurement.ordering.queries.authorisations import authorisations_visible_to
from sunlight.journal.models import Refusal
from sunlight.scope import Actor, Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.scope.wall import PartyRows
from supervision.queries.refusals import refusals_visible_to
from tests import databases

HOSPITALS, MAKERS, DISTRIBUTORS = 73, 211, 61
FIRST_HOSPITAL, FIRST_MAKER, FIRST_DISTRIBUTOR = 10_000, 20_000, 30_000
# Of every column: its usual parties, and somebody with a handful of rows, all of them the oldest: what a walk from the
# newest would reach last. Maker 20007 distributes for others too, so its pages come from two columns.
HOSPITAL = Kind.HOSPITAL, f"{FIRST_HOSPITAL} + g % {HOSPITALS}", FIRST_HOSPITAL + 7, 10_999
MAKER = Kind.SUPPLIER, f"{FIRST_MAKER} + g % {MAKERS}", FIRST_MAKER + 7, 20_999
DISTRIBUTOR = (
    Kind.SUPPLIER,
    f"case g % {DISTRIBUTORS} when 8 then {FIRST_MAKER + 7} else {FIRST_DISTRIBUTOR} + g % {DISTRIBUTORS} end",
    FIRST_DISTRIBUTOR + 7,
    30_999,
)
PARTY_COLUMNS = {
    "buyer_id": HOSPITAL,
    "hospital_id": HOSPITAL,
    "actor_organisation_id": HOSPITAL,
    "seller_id": MAKER,
    "manufacturer_id": MAKER,
    "distributor_id": DISTRIBUTOR,
}
RARE_ROWS = 5
# The oldest rows: five of each rare party, then of another region, then of another platform.
RARE_REGION, RARE_PLATFORM, OTHER_PLATFORM = 4, 3, 2
WATCHERS = ("operator", "regulator")
# How a page is asked for where the model's own `visible_to` does not say it.
LISTS = {
    "procurement_distributionauthorisation": authorisations_visible_to,
    "journal_refusal": refusals_visible_to,
}


@dataclass(frozen=True)
class Shared:
    """A table whose rows name several parties, and the columns that do."""

    model: type[models.Model]
    parties: tuple[str, ...]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def has_region(self) -> bool:
        return any(field.column == "region_id" and not field.null for field in self.model._meta.concrete_fields)

    def visible_to(self, actor: Actor):
        if self.table in LISTS:
            # The copies' parties exist nowhere: without the joins that would miss them.
            return LISTS[self.table](actor).select_related(None)
        return self.model._default_manager.visible_to(actor)


def shared_tables() -> list[Shared]:
    """Every table whose wall names several parties, as the migrations put it there, and the refusals, whose wall names
    them in a list."""
    named = {model._meta.db_table: model for model in apps.get_models()}
    walls = {
        operation.table: operation.parties
        for migration in MigrationLoader(None).disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, PartyRows) and len(operation.parties) > 1
    }
    return [
        *(Shared(named[table], parties) for table, parties in sorted(walls.items()) if table in named),
        Shared(Refusal, ("actor_organisation_id",)),
    ]


@contextmanager
def open_to_the_owner(model) -> Iterator:
    """A cursor of the owner to whom the table's row security and triggers do not apply."""
    table = model._meta.db_table
    with databases.owner() as owner, owner.cursor() as cursor:
        cursor.execute(f"alter table {table} no force row level security, disable trigger user")
        try:
            yield cursor
        finally:
            cursor.execute(f"alter table {table} force row level security, enable trigger user")


def without_keys(cursor, table: str) -> list[str]:
    """Drop foreign keys, unique keys that copies would collide on, and other indexes; returns what makes the last again."""
    cursor.execute(
        "select conname from pg_constraint where conrelid = %s::regclass and contype in ('f', 'u', 'x')", [table]
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"alter table {table} drop constraint {name}")
    cursor.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisunique from pg_index"
        " where indrelid = %s::regclass and not indisprimary",
        [table],
    )
    found = cursor.fetchall()
    for index, _, _ in found:
        cursor.execute(f"drop index {index}")
    return [made for _, made, unique in found if not unique]


def fill(shared: Shared, template_id: int, count: int) -> None:
    """`count` rows beside the planted one with `template_id`, then ANALYZE."""
    table, place = shared.table, "case when g <= 15 then g end"
    with open_to_the_owner(shared.model) as cursor:
        indexes = without_keys(cursor, table)
        columns = {field.column: f"t.{field.column}" for field in shared.model._meta.concrete_fields}
        columns |= {
            "id": "g",
            "platform_id": f"case when {place} > 10 then {RARE_PLATFORM} when g > 15 and g % 10 = 0 then {OTHER_PLATFORM}"
            " else t.platform_id end",
        }
        if "region_id" in columns:
            columns["region_id"] = f"case when {place} between 6 and 10 then {RARE_REGION} else t.region_id end"
        for column in shared.parties:
            _, expression, _, rare = PARTY_COLUMNS[column]
            columns[column] = f"case when {place} <= {RARE_ROWS} then {rare} else {expression} end"
        if "parties" in columns:
            columns["parties"] = f"array[{columns[shared.parties[0]]}]::bigint[]"
        cursor.execute(
            f"insert into {table} ({', '.join(columns)}) select {', '.join(columns.values())}"
            f" from {table} t, generate_series(1, {count:d}) g where t.id = {template_id:d}"
        )
        for made in indexes:
            cursor.execute(made)
        cursor.execute(f"vacuum analyze {table}")


def actor_of(who: str, platform_id: int, region_id: int, *, rare: bool = False) -> Actor:
    """The hospital, maker or distributor that the column `who` names; for "operator" and "regulator" the platform's, or,
    rare, those of a platform and a region with a handful of old rows."""
    if who in WATCHERS:
        operator = who == "operator"
        return Actor(
            kind=Kind.OPERATOR if operator else Kind.REGULATOR,
            platform_id=platform_id,
            organisation_id=9,
            platform_ids=((RARE_PLATFORM if rare else platform_id),) if operator else (platform_id, OTHER_PLATFORM),
            region_ids=tuple(range(1, 24)) if operator else (RARE_REGION, 5) if rare else (region_id, 5),
            roles=frozenset({Role.OPERATOR_REVIEWER if operator else Role.REGULATOR_OFFICER}),
        )
    kind, _, usual, seldom = PARTY_COLUMNS[who]
    return Actor(
        kind=kind,
        platform_id=platform_id,
        organisation_id=seldom if rare else usual,
        roles=frozenset({Role.HOSPITAL_BUYER if kind is Kind.HOSPITAL else Role.SUPPLIER_SELLER}),
    )


def askers(shared: Shared) -> list[tuple[str, bool]]:
    """Who looks at a table: each party, operator and regulator, each with many rows and (True) with few old ones."""
    who = [*shared.parties, "operator", *(["regulator"] if shared.has_region else [])]
    return [(one, rare) for one in who for rare in (False, True)]


def first_page(shared: Shared, actor: Actor):
    """The newest rows, as every list asks for them."""
    return shared.visible_to(actor).order_by("-id")[:50]


def own_rows(shared: Shared, actor: Actor):
    """The number and newest of all a party's rows."""
    return shared.visible_to(actor).order_by().values("platform_id").annotate(last=Max("id"))


def scans(plan: dict, table: str) -> Iterator[dict]:
    """Every node of a plan that reads `table`."""
    if plan.get("Relation Name") == table or (plan["Node Type"] == "Bitmap Index Scan"):
        yield plan
    for child in plan.get("Plans", ()):
        yield from scans(child, table)
