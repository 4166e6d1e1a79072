"""The tenant wall: migration operations that put row security on a table.

Every table of ours has row security enabled and forced, so a table without a policy shows nothing to anybody.
Policies are written to the three scope roles, one permissive policy a role, without OR-bypass, so that plain equality
keeps its index. See docs/architecture.md, "Tenant wall".
"""

from django.db import migrations

# Who is asking, by the functions of `0001_roles_and_functions`: policies know nothing of how they know. In sub-selects,
# so that they are asked once per statement and not once per row.
PARTY = "(select sun_party())"
PLATFORM = "(select sun_platform())"
PLATFORMS = "any ((select sun_platforms())::bigint[])"
REGIONS = "any ((select sun_regions())::bigint[])"

READ, APPEND, WRITE, WRITE_DELETE = (
    "select",
    "select, insert",
    "select, insert, update",
    "select, insert, update, delete",
)


def enable(table: str) -> str:
    return (
        f"alter table {table} enable row level security; alter table {table} force row level security;"
        f" revoke all on {table} from public;"
    )


def disable(table: str, policies: list[str]) -> str:
    drops = "".join(f"drop policy if exists {name} on {table};" for name in policies)
    revoke = f"revoke all on {table} from sun_party, sun_platform, sun_login;"
    return f"{drops}{revoke} alter table {table} no force row level security; alter table {table} disable row level security;"


def policy(table: str, role: str, using: str, check: str | None = None, command: str = "all") -> str:
    name = f"{table}_{role.removeprefix('sun_')}_{command}"
    with_check = "" if command == "select" else f" with check ({check or using})"
    if command == "delete":
        with_check = ""
    using_clause = "" if command == "insert" else f" using ({using})"
    return f"create policy {name} on {table} as permissive for {command} to {role}{using_clause}{with_check};"


def grant(table: str, role: str, rights: str) -> str:
    return f"grant {rights} on {table} to {role};"


def _operation(table: str, /, *statements: str, kind=migrations.RunSQL, **known) -> migrations.RunSQL:
    names = [
        f"{table}_{role}_{command}"
        for role in ("party", "platform", "login")
        for command in ("all", "select", "insert", "update", "delete")
    ]
    return kind(enable(table) + "".join(statements), disable(table, names), **known)


class PartyRows(migrations.RunSQL):
    """The wall of a table whose rows name parties: says of itself which, for whoever looks at plans."""

    def __init__(self, sql, reverse_sql=None, *, table: str = "", parties: tuple[str, ...] = (), **more):
        super().__init__(sql, reverse_sql, **more)
        self.table, self.parties = table, parties


def party_rows(
    table: str,
    parties: tuple[str, ...] = ("buyer_id", "seller_id", "distributor_id"),
    *,
    region: str | None = "region_id",
    party_rights: str = WRITE,
    platform_rights: str = WRITE,
) -> PartyRows:
    """Rows of one platform seen by the parties named on them, and by the platform's own actors within their regions.

    A table of more than one party is listed by `sunlight.scope.branches` and has an index for each of them:
    `tests/security/test_plans.py` looks at all there are."""
    # The CASE keeps the planner from counting the parties' columns as if they narrowed a query that names its party
    # already: it would leave the party's index, which is in order, for sorting all of the party's rows. In this form of
    # it the party is asked, and planned, once and not once a column.
    whens = " ".join(f"when {party} then true" for party in parties)
    named = f"platform_id = {PLATFORM} and " + (
        f"case {PARTY} {whens} else false end" if len(parties) > 1 else f"{parties[0]} = {PARTY}"
    )
    within = f"platform_id = {PLATFORMS}" + (f" and {region} = {REGIONS}" if region else "")
    return _operation(
        table,
        grant(table, "sun_party", party_rights),
        grant(table, "sun_platform", platform_rights),
        policy(table, "sun_party", named),
        policy(table, "sun_platform", within),
        kind=PartyRows,
        table=table,
        parties=parties,
    )


def platform_rows(table: str, *, rights: str = WRITE) -> migrations.RunSQL:
    """Rows of one platform that no party sees."""
    return _operation(
        table, grant(table, "sun_platform", rights), policy(table, "sun_platform", f"platform_id = {PLATFORMS}")
    )


def rows_of_parent(table: str, column: str, parent: str, *, rights: str = WRITE) -> migrations.RunSQL:
    """Rows seen by whoever sees the parent row: the parent's own policies decide inside the subquery."""
    seen = f"exists (select 1 from {parent} parent where parent.id = {table}.{column})"
    return _operation(
        table,
        *(grant(table, role, rights) for role in ("sun_party", "sun_platform")),
        *(policy(table, role, seen) for role in ("sun_party", "sun_platform")),
    )


def public_rows(table: str, *, platform_rights: str = WRITE, login_reads: bool = False) -> migrations.RunSQL:
    """What everybody may read (national catalogue, listings, published lines); only the platform's actors write it.

    `true` folds away in the planner, so searches with LIKE keep their indexes.
    """
    readers = ["sun_party", *(["sun_login"] if login_reads else [])]
    return _operation(
        table,
        *(grant(table, role, READ) for role in readers),
        *(policy(table, role, "true", command="select") for role in readers),
        grant(table, "sun_platform", platform_rights),
        policy(table, "sun_platform", "true"),
    )


def own_or_public_rows(table: str, *, own: str, public: str) -> migrations.RunSQL:
    """Rows a party writes as its own and that become readable to everybody once `public` holds."""
    return _operation(
        table,
        grant(table, "sun_party", WRITE),
        policy(table, "sun_party", f"{public} or {own}", command="select"),
        policy(table, "sun_party", own, command="insert"),
        policy(table, "sun_party", own, command="update"),
        grant(table, "sun_platform", WRITE),
        policy(table, "sun_platform", "true"),
    )


def login_rows(table: str, *, rights: str = WRITE) -> migrations.RunSQL:
    """What is read and written before it is known who asks."""
    return _operation(table, grant(table, "sun_login", rights), policy(table, "sun_login", "true"))


def also(table: str, role: str, rights: str, using: str, command: str = "select") -> migrations.RunSQL:
    """One more policy besides those above, for a role that has none on this table yet."""
    return migrations.RunSQL(
        grant(table, role, rights) + policy(table, role, using, command=command),
        f"drop policy if exists {table}_{role.removeprefix('sun_')}_{command} on {table};",
    )


def replace(
    table: str, role: str, rights: str, policies: dict[str, str], *, hidden: tuple[str, ...] = ()
) -> migrations.RunSQL:
    """Other rights and policies (command → using) for a role on a table that has some. It may not read the columns
    `hidden`, nor any that is added later. Not undone by migrating back: the wall before was too low."""
    shown = f"do $$ declare shown text; begin {_shown(table, hidden)} execute format('grant select (%s) on {table} to {role}', shown); end $$;"
    rest = ", ".join(right for right in rights.split(", ") if right != "select" or not hidden)
    return migrations.RunSQL(
        "".join(
            f"drop policy if exists {table}_{role.removeprefix('sun_')}_{command} on {table};"
            for command in ("all", "select", "insert", "update", "delete")
        )
        + f"revoke all on {table} from {role};"
        + (grant(table, role, rest) if rest else "")
        + (shown if hidden and "select" in rights else "")
        + "".join(policy(table, role, using, command=command) for command, using in policies.items()),
        migrations.RunSQL.noop,
    )


def _shown(table: str, hidden: tuple[str, ...]) -> str:
    names = ", ".join(f"'{name}'" for name in hidden)
    return (
        "select string_agg(quote_ident(attname), ', ' order by attnum) into shown from pg_attribute"
        f" where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attname not in ({names});"
    )


def append_only(table: str) -> migrations.RunSQL:
    """UPDATE, DELETE and TRUNCATE are refused by trigger, for every role, the owner's too."""
    return migrations.RunSQL(
        f"create trigger {table}_append_only before update or delete on {table}"
        f" for each row execute function sun_refuse_change();"
        f" create trigger {table}_no_truncate before truncate on {table}"
        f" for each statement execute function sun_refuse_change();",
        f"drop trigger {table}_append_only on {table}; drop trigger {table}_no_truncate on {table};",
    )


def ends_once(table: str, *columns: str) -> migrations.RunSQL:
    """Rows are append-only but for the columns that end them: those may be written once, while they are empty."""
    written = ", ".join(f"'{column}'" for column in columns)
    return migrations.RunSQL(
        f"create trigger {table}_ends_once before update or delete on {table}"
        f" for each row execute function sun_refuse_change_but({written});"
        f" create trigger {table}_no_truncate before truncate on {table}"
        f" for each statement execute function sun_refuse_change();",
        f"drop trigger {table}_ends_once on {table}; drop trigger {table}_no_truncate on {table};",
    )
