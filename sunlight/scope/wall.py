"""The tenant wall: migration operations that put row security on a table.

Every table of ours has row security enabled and forced, so a table without a policy shows nothing to anybody.
Policies are written to the four scope roles, one permissive policy a role and command, without OR-bypass, so that plain
equality keeps its index. Every policy asks the ticket of its own role (`scope/sql/ticket.sql`), so that changing the role
shows nothing; only reading what is public asks nobody. See docs/architecture.md, "Tenant wall".
"""

import re
from collections.abc import Iterable, Mapping

from django.db import migrations

from sunlight.kernel.machine import Machine
from sunlight.scope.principal import columns
from sunlight.scope.roles import Role
from sunlight.scope.tickets import PLACES

# Who is asking: the claims of the ticket, by their place in it. In sub-selects, so that they are asked once per statement and
# not once per row. `policy` says the role it is written to: `(select (sun_claims('sun_hospital'))[4]::bigint)`.
PLATFORM = "(select (sun_claims())[3]::bigint)"
PARTY = "(select (sun_claims())[4]::bigint)"
PLATFORMS = "any ((select (sun_claims())[5]::bigint[])::bigint[])"
REGIONS = "any ((select (sun_claims())[6]::bigint[])::bigint[])"
# Platform and party at once, which is one check of the ticket and not two: in one number for comparing it with several
# columns, as a row where an index shall be found by either.
PLACE = "(select (sun_claims())[7]::bigint)"
PLATFORM_AND_PARTY = "(select claims[3]::bigint, claims[4]::bigint from sun_claims() claims)"
# Principal and organisation, as `person:9:7`, and the people it may act for; 0 is nobody.
WHO = "(select (sun_claims())[8])"
PEOPLE = "any ((select (sun_claims())[9]::bigint[])::bigint[])"
# The organisation somebody acts for, also where they watch a platform and are no party; nothing for the system alone, since
# nobody is a member of no organisation.
OWN = "(select nullif(split_part((sun_claims())[8], ':', 3), '')::bigint)"
# Rows of the asker's platforms or regions, and the system itself, which nobody becomes by acting through a service.
OF_ITS_PLATFORMS = f"platform_id = {PLATFORMS}"
OF_ITS_REGIONS = f"region_id = {REGIONS}"
OF_THE_SYSTEM = f"{WHO} = 'system:0:'"
# Whoever is in a scope of the role at all: what `true` means in a policy that is not about reading public rows.
ANYBODY = "(select sun_claims() is not null)"

NO, READ, APPEND, WRITE, WRITE_DELETE = (
    "",
    "select",
    "select, insert",
    "select, insert, update",
    "select, insert, update, delete",
)


def may_update(*columns: str, rights: str = READ) -> str:
    """Some rights, and changing these columns and no others."""
    return f"{rights}, update ({', '.join(columns)})"


def acted(*acts: str) -> tuple[str, ...]:
    """The columns of `acted_by` fields: `placed` has four."""
    return tuple(column for act in acts for column in columns(f"{act}_by"))


COMMANDS = ("all", "select", "insert", "update", "delete")
# `sun_party` stands for both sides of the trade: what is written to it is written to each.
SIDES = {"sun_party": ("sun_hospital", "sun_supplier")}
SCOPE_ROLES = ("sun_hospital", "sun_supplier", "sun_platform", "sun_login")


def place(party: str) -> str:
    """A row's platform and a column of it that names a party, as the ticket's `PLACE` has them."""
    return f"platform_id * {PLACES} + {party}"


def roles_of(role: str) -> tuple[str, ...]:
    return SIDES.get(role, (role,))


def name_of(table: str, role: str, command: str) -> str:
    """A policy's name."""
    return f"{table}_{role.removeprefix('sun_')}_{command}"


def enable(table: str) -> str:
    return (
        f"alter table {table} enable row level security; alter table {table} force row level security;"
        f" revoke all on {table} from public;"
    )


def disable(table: str, policies: Iterable[str] = ()) -> str:
    """Take the wall away again, with the policies that the helpers make and those named."""
    drops = drop_policies(table, *SCOPE_ROLES) + "".join(
        f"drop policy if exists {name} on {table};" for name in policies
    )
    revoke = f"revoke all on {table} from {', '.join(SCOPE_ROLES)};"
    return f"{drops}{revoke} alter table {table} no force row level security; alter table {table} disable row level security;"


def drop_policies(table: str, *roles: str) -> str:
    """All the policies that some roles may have on a table."""
    names = (name_of(table, each, command) for role in roles for each in roles_of(role) for command in COMMANDS)
    return "".join(f"drop policy if exists {name} on {table};" for name in names)


def policy(
    table: str, role: str, using: str, check: str | None = None, command: str = "all", *, public: bool = False
) -> str:
    """A policy for a role, or one for each side; `true` means whoever is in a scope of the role, for reading what is
    `public` everybody. What is public is read by a policy of its own."""
    if public and command == "all":
        commands = ("select", "insert", "update", "delete")
        return "".join(policy(table, role, using, check, each, public=True) for each in commands)
    return "".join(_policy(table, each, using, check, command, public) for each in roles_of(role))


def _policy(table: str, role: str, using: str, check: str | None, command: str, public: bool) -> str:
    everybody = public and command == "select"
    using, check = (_asked_of(role, each, everybody) for each in (using, check or using))
    with_check = "" if command in ("select", "delete") else f" with check ({check})"
    using_clause = "" if command == "insert" else f" using ({using})"
    name = name_of(table, role, command)
    return f"create policy {name} on {table} as permissive for {command} to {role}{using_clause}{with_check};"


def _asked_of(role: str, expression: str, everybody: bool) -> str:
    if role == "sun_owner":  # in triggers and functions of the owner's, which is in no scope
        return expression
    if expression == "true" and not everybody:
        expression = ANYBODY
    return expression.replace("sun_claims()", f"sun_claims('{role}')")


def grant(table: str, role: str, rights: str) -> str:
    return f"grant {rights} on {table} to {', '.join(roles_of(role))};"


def grant_but(table: str, role: str, right: str, *columns: str) -> str:
    """A right on every column there is, but for some."""
    names = ", ".join(f"'{name}'" for name in columns)
    return (
        "do $$ declare columns text; begin select string_agg(quote_ident(attname), ', ' order by attnum) into columns"
        f" from pg_attribute where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped"
        f" and attname not in ({names});"
        f" execute format('grant {right} (%s) on {table} to {', '.join(roles_of(role))}', columns); end $$;"
    )


def _operation(table: str, /, *statements: str, kind=migrations.RunSQL, **known) -> migrations.RunSQL:
    return kind(enable(table) + "".join(statements), disable(table), **known)


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
    hospital_rights: str | None = None,
    supplier_rights: str | None = None,
    platform_rights: str = WRITE,
) -> PartyRows:
    """Rows of one platform seen by the parties named on them, and by the platform's own actors within their regions.
    Rights may name columns: `select, insert, update (state, answered_at)`; what a table shares between two sides, each
    may only change in the columns that are its own.

    A table of more than one party is listed by `sunlight.scope.branches` and has an index for each of them:
    `tests/security/test_plans.py` looks at all there are."""
    # The CASE keeps the planner from counting the parties' columns as if they narrowed a query that names its party
    # already: it would leave the party's index, which is in order, for sorting all of the party's rows. In this form of
    # it the ticket is asked, and planned, once and not once a column.
    whens = " ".join(f"when {place(party)} then true" for party in parties)
    if len(parties) > 1:
        named = f"case {PLACE} {whens} else false end"
    else:
        named = f"(platform_id, {parties[0]}) = {PLATFORM_AND_PARTY}"
    given = {
        "sun_hospital": party_rights if hospital_rights is None else hospital_rights,
        "sun_supplier": party_rights if supplier_rights is None else supplier_rights,
    }
    within = f"platform_id = {PLATFORMS}" + (f" and {region} = {REGIONS}" if region else "")
    return _operation(
        table,
        *(grant(table, role, each) + policy(table, role, named) for role, each in given.items() if each),
        grant(table, "sun_platform", platform_rights),
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


def watchers_own_rows(table: str, *, rights: str = WRITE) -> migrations.RunSQL:
    """Rows of one organisation that watches a platform (an authority, the operator), named in `organisation_id`: its own
    people's, and the system's, and no other organisation's of the platform."""
    own = f"platform_id = {PLATFORMS} and organisation_id = coalesce({OWN}, organisation_id)"
    return _operation(table, grant(table, "sun_platform", rights), policy(table, "sun_platform", own))


def rows_of_parent(
    table: str,
    column: str,
    parent: str,
    *,
    rights: str = WRITE,
    hospital_rights: str | None = None,
    supplier_rights: str | None = None,
) -> migrations.RunSQL:
    """Rows seen by whoever sees the parent row: the parent's own policies decide inside the subquery. A side that never
    sees the parent has `NO` rights."""
    seen = f"exists (select 1 from {parent} parent where parent.id = {table}.{column})"
    given = {
        "sun_hospital": rights if hospital_rights is None else hospital_rights,
        "sun_supplier": rights if supplier_rights is None else supplier_rights,
        "sun_platform": rights,
    }
    return _operation(
        table,
        *(grant(table, role, each) + policy(table, role, seen) for role, each in given.items() if each),
    )


def public_rows(
    table: str, *, platform_rights: str = WRITE, login_reads: bool = False, writes: str = "true"
) -> migrations.RunSQL:
    """What everybody may read (national catalogue, listings, published lines); only the platform's actors write it, and
    only rows of which `writes` holds.

    `true` folds away in the planner, so searches with LIKE keep their indexes.
    """
    readers = ["sun_party", *(["sun_login"] if login_reads else [])]
    return _operation(
        table,
        *(grant(table, role, READ) for role in readers),
        *(policy(table, role, "true", command="select", public=True) for role in (*readers, "sun_platform")),
        grant(table, "sun_platform", platform_rights),
        *(policy(table, "sun_platform", writes, command=command) for command in ("insert", "update", "delete")),
    )


def own_or_public_rows(table: str, *, own: str, public: str, rights: str = WRITE) -> migrations.RunSQL:
    """Rows a supplier writes as its own and that become readable to everybody once `public` holds."""
    return _operation(
        table,
        # It may ask for a row's lock and, by no policy, gets none.
        grant(table, "sun_hospital", may_update("id")),
        policy(table, "sun_hospital", public, command="select"),
        grant(table, "sun_supplier", rights),
        policy(table, "sun_supplier", f"{public} or {own}", command="select"),
        policy(table, "sun_supplier", own, command="insert"),
        policy(table, "sun_supplier", own, command="update"),
        grant(table, "sun_platform", WRITE),
        policy(table, "sun_platform", "true", public=True),
    )


def login_rows(table: str, *, rights: str = WRITE) -> migrations.RunSQL:
    """What is read and written before it is known who asks."""
    return _operation(table, grant(table, "sun_login", rights), policy(table, "sun_login", "true"))


def also(table: str, role: str, rights: str, using: str, command: str = "select") -> migrations.RunSQL:
    """One more policy besides those above, for a role that has none on this table yet."""
    return migrations.RunSQL(
        grant(table, role, rights) + policy(table, role, using, command=command),
        "".join(f"drop policy if exists {name_of(table, each, command)} on {table};" for each in roles_of(role)),
    )


def replace(
    table: str, role: str, rights: str, policies: dict[str, str], *, hidden: tuple[str, ...] = ()
) -> migrations.RunSQL:
    """Other rights and policies (command → using) for a role on a table that has some. It may not read the columns
    `hidden`, nor any that is added later. Not undone by migrating back: the wall before was too low."""
    to = ", ".join(roles_of(role))
    # Rights are separated by commas, and so are the columns that one may be bound to.
    rest = ", ".join(right for right in re.split(r", (?![^()]*\))", rights) if right != "select" or not hidden)
    return migrations.RunSQL(
        drop_policies(table, role)
        + f"revoke all on {table} from {to};"
        + (grant(table, role, rest) if rest else "")
        + (grant_but(table, role, "select", *hidden) if hidden and "select" in rights else "")
        + "".join(policy(table, role, using, command=command) for command, using in policies.items()),
        migrations.RunSQL.noop,
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


def frozen_since(table: str, since: str, *columns: str) -> migrations.RunSQL:
    """Once the column `since` is filled, these columns never change, and no row is deleted or truncated, whoever asks."""
    names = (since, *columns)
    before, after = (", ".join(f"{which}.{name}" for name in names) for which in ("old", "new"))
    return migrations.RunSQL(
        f"create trigger {table}_frozen before update on {table} for each row"
        f" when (old.{since} is not null and ({before}) is distinct from ({after})) execute function sun_refuse_change();"
        f" create trigger {table}_no_delete before delete on {table} for each row execute function sun_refuse_change();"
        f" create trigger {table}_no_truncate before truncate on {table}"
        f" for each statement execute function sun_refuse_change();",
        "".join(f"drop trigger {table}_{name} on {table};" for name in ("frozen", "no_delete", "no_truncate")),
    )


def only_locked(table: str, *roles: str) -> migrations.RunSQL:
    """These roles may lock rows and change nothing: locking takes the right to change some column, which the trigger keeps
    from being used."""
    named = ", ".join(f"'{role}'" for role in roles)
    return migrations.RunSQL(
        f"create trigger {table}_only_locked before update on {table} for each row"
        f" when (current_user in ({named})) execute function sun_refuse_side();",
        f"drop trigger {table}_only_locked on {table};",
    )


class KeepsTo(migrations.RunSQL):
    """The states that each side may give a table's rows. `manage.py migrate` puts it on again, so that it follows the
    machine's table."""

    def __init__(self, sql, reverse_sql=None, *, table: str = "", machine: Machine | None = None, **more):
        super().__init__(sql, reverse_sql, **more)
        self.table, self.machine = table, machine


def keeps_to(
    table: str,
    machine: Machine,
    *,
    begins: Mapping[str, Iterable[str]] | None = None,
    also: Mapping[str, Iterable[str]] | None = None,
) -> KeepsTo:
    """Each side of the trade makes the moves that the machine gives to its roles and no others, and its rows begin in the
    machine's first state. A service that writes in a party's scope what the system does names the move in `also`, another
    first state in `begins`, by role."""
    made = []
    for role in SIDES["sun_party"]:
        side = role.removeprefix("sun_")
        own = set((also or {}).get(role, ()))
        steps = {
            f"{before}>{move.to_state}"
            for move in machine.table
            if move.name in own or any(each.kind == side.upper() for each in map(Role, move.by))
            for before in move.from_states
        }
        first = {*(begins or {}).get(role, (machine.initial,))}
        made += [
            f"create or replace trigger {table}_{side}_moves before update of state on {table} for each row"
            f" when (current_user = '{role}' and old.state is distinct from new.state"
            f" and (old.state || '>' || new.state) <> all ({_array(steps)})) execute function sun_refuse_move();",
            f"create or replace trigger {table}_{side}_begins before insert on {table} for each row"
            f" when (current_user = '{role}' and new.state <> all ({_array(first)})) execute function sun_refuse_move();",
        ]
    names = [f"{table}_{side}_{what}" for side in ("hospital", "supplier") for what in ("moves", "begins")]
    return KeepsTo(
        "".join(made),
        "".join(f"drop trigger if exists {name} on {table};" for name in names),
        table=table,
        machine=machine,
    )


def _array(texts: Iterable[str]) -> str:
    return "array[" + ", ".join(f"'{each}'" for each in sorted(texts)) + "]::text[]"
