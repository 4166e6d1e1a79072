"""Checkers of the database's shape: read the catalogue of the test database, return faults in words."""

import re

# Django's own bookkeeping: nobody but the owner has any right on it.
NOT_OURS = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
SCOPE_ROLES = {"sun_hospital", "sun_supplier", "sun_platform", "sun_login"}
PARTY_ROLES = {"sun_hospital", "sun_supplier"}
# What may read a setting: the ticket is one.
WHO_ASKS = {"sun_claims", "sun_alone", "sun_platform"}

TABLES = """
select c.relname, c.relrowsecurity, c.relforcerowsecurity,
       (select count(*) from pg_policy p where p.polrelid = c.oid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1
"""
GRANTS = """
select c.relname, coalesce(r.rolname, 'public'), a.privilege_type
  from pg_class c join pg_namespace n on n.oid = c.relnamespace,
       aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a left join pg_roles r on r.oid = a.grantee
 where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm') and a.grantee <> c.relowner
 union
select c.relname, coalesce(r.rolname, 'public'), a.privilege_type
  from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace,
       aclexplode(t.attacl) a left join pg_roles r on r.oid = a.grantee
 where n.nspname = 'public' and t.attacl is not null and a.grantee <> c.relowner
"""
POLICIES = """
select tablename, policyname, permissive, roles::text[], cmd, coalesce(qual, ''), coalesce(with_check, '')
  from pg_policies where schemaname = 'public' order by 1, 2
"""


def rows(cursor, statement: str) -> list[tuple]:
    cursor.execute(statement)
    return cursor.fetchall()


def unwalled_tables(tables) -> list[str]:
    """Tables without forced row security. One without a policy shows nothing to anybody, which is a wall too, but then
    nobody may hold a right on it."""
    faults = []
    for name, enabled, forced, _policies in tables:
        if name not in NOT_OURS and not (enabled and forced):
            faults.append(f"{name}: row security is not {'forced' if enabled else 'enabled'}")
    return faults


def bad_grants(grants, policies) -> list[str]:
    """Rights of anybody but the scope roles, rights that pass rows by (TRUNCATE, REFERENCES, TRIGGER), rights on what is
    not ours, rights that no policy bounds."""
    faults = []
    bounded = {(table, role) for table, _, _, roles, *_ in policies for role in roles}
    for table, role, right in grants:
        if role not in SCOPE_ROLES:
            faults.append(f"{table}: {role} may {right}")
        elif right not in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            faults.append(f"{table}: {role} may {right}, which row security does not bound")
        elif table in NOT_OURS:
            faults.append(f"{table}: {role} may {right} on a table that is not ours")
        elif (table, role) not in bounded:
            faults.append(f"{table}: {role} may {right} and no policy bounds it")
    return faults


SETTING = re.compile(r"\bcurrent_setting\(")
ASKED = re.compile(r"\bsun_claims\('(\w+)'::text\)")
# The ways a policy asks who is asking: in a sub-select, once per statement.
READ = re.compile(r"\( SELECT \(+sun_claims\('\w+'::text\)\)\[\d\]\)?(?:::bigint(?:\[\])?)?(?: AS sun_claims)?\)")
ANYBODY = re.compile(r"\( SELECT \(sun_claims\('\w+'::text\) IS NOT NULL\)\)")
COLUMN = r"(?!true\b|false\b|null\b)[a-z_]\w*(?:\.\w+)?"
PLACE = rf"\(\({COLUMN} \* '1099511627776'::bigint\) \+ {COLUMN}\)"
COMPARED = re.compile(
    rf"(?<![\w.]){COLUMN} = (?:ANY )?\(*§(?:::bigint\[\])?\)*|\(*§\)* = (?:\(?{COLUMN}(?![\w(])|ANY \({COLUMN}\))"
    r"|concat_ws\([^§]*\) = §|COALESCE\(\w+, \(0\)::bigint\) = ANY \(§::bigint\[\]\)"
    rf"|CASE §(?:\s+WHEN (?:{COLUMN}|{PLACE}) THEN true)+\s+ELSE false\s+END"
    rf"|\({COLUMN}, {COLUMN}\) = \( SELECT \(claims\.claims\[3\]\)::bigint AS claims,\s+\(claims\.claims\[4\]\)::bigint AS claims"
    r"\s+FROM sun_claims\('\w+'::text\) claims\(claims\)\)"
    # The organisation of somebody who watches, which the system alone has none of.
    rf"|{COLUMN} = COALESCE\(\( SELECT \(NULLIF\(split_part\(\(sun_claims\('\w+'::text\)\)\[8\], ':'::text, 3\), ''::text\)\)"
    rf"::bigint AS \"?nullif\"?\), {COLUMN}\)"
)


def undecided(expression: str) -> bool:
    """Whether a policy asks who is asking without comparing it with a column, or asks it for every row; that somebody of
    its role asks may decide alone."""
    if ANYBODY.fullmatch(expression.strip()) or ANYBODY.fullmatch(expression.strip()[1:-1]):
        return False
    left = COMPARED.sub("", READ.sub("§", re.sub(rf"^\({ANYBODY.pattern} AND ", "(", expression)))
    return "§" in left or ASKED.search(left) is not None


def unasked(policies) -> list[str]:
    """Policies that ask the ticket of another role than their own, and those that ask none: nor does a table that decides
    for them. Reading what is public may ask nobody, which is told apart by `PUBLIC:`."""
    asks = {
        (table, role) for table, _, _, roles, _, *texts in policies for role in roles if ASKED.search(" ".join(texts))
    }
    faults = []
    for table, name, _, roles, command, *texts in policies:
        asked = set(ASKED.findall(" ".join(texts)))
        if asked - set(roles):
            faults.append(f"{table}.{name}: asks for the ticket of {', '.join(sorted(asked))}")
        parents = re.findall(r"\bFROM (\w+)", " ".join(texts))
        if (
            roles != ["sun_owner"]
            and not asked
            and not any((parent, role) in asks for parent in parents for role in roles)
        ):
            faults.append(f"{'PUBLIC: ' if command == 'SELECT' else ''}{table}.{name}: asks for no ticket")
    return faults


def bad_policies(policies) -> list[str]:
    """Policies for everybody, restrictive ones, several for one role and command, settings read by themselves, and
    bypasses: who is asking may only be compared with a column, never with a constant or by itself."""
    faults, seen = [], set()
    for table, name, permissive, roles, command, using, check in policies:
        for role in roles:
            if role not in SCOPE_ROLES:
                faults.append(f"{table}.{name}: written to {role}")
            if (table, role, command) in seen:
                faults.append(f"{table}.{name}: a second {command} policy for {role}")
            seen.add((table, role, command))
        if permissive != "PERMISSIVE":
            faults.append(f"{table}.{name}: {permissive}")
        for expression in (using, check):
            if SETTING.search(expression):
                faults.append(f"{table}.{name}: reads a setting: {expression}")
            if undecided(expression):
                faults.append(f"{table}.{name}: the asker decides without a column: {expression}")
            if command in ("INSERT", "UPDATE", "ALL") and role_writes_anything(roles, check):
                faults.append(f"{table}.{name}: a party may write any row")
    return faults


def role_writes_anything(roles, check: str) -> bool:
    anything = check.strip("() ") == "true" or ANYBODY.fullmatch(check.strip()) is not None
    return anything and not PARTY_ROLES.isdisjoint(roles)


def readers_of_settings(cursor) -> set[str]:
    """The functions of ours that read a setting, whether a trigger or a policy calls them."""
    return {
        name
        for (name,) in rows(
            cursor,
            "select p.proname from pg_proc p join pg_language l on l.oid = p.prolang"
            " where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and l.lanname in ('sql', 'plpgsql')"
            " and pg_get_functiondef(p.oid) ~ 'current_setting'",
        )
    }


def missing_indexes(cursor) -> list[str]:
    """Columns by which a table's policy lets a party see its rows, and that no index begins with, alone or after the
    platform that every policy names too: those rows could only be found by walking."""
    columns = rows(
        cursor,
        "select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where c.relkind = 'r' and a.attname in"
        " ('buyer_id', 'seller_id', 'distributor_id', 'manufacturer_id', 'organisation_id', 'hospital_id')"
        " and exists (select 1 from pg_policy p where p.polrelid = c.oid"
        "  and pg_get_expr(p.polqual, p.polrelid) ~ 'sun_claims[^,]*[[][47][]]'"
        "  and pg_get_expr(p.polqual, p.polrelid) ~ ('\\m' || a.attname || '\\M'))",
    )
    led = set(
        rows(
            cursor,
            "select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid"
            " join pg_attribute f on f.attrelid = c.oid and f.attnum = i.indkey[0]"
            " join pg_attribute a on a.attrelid = c.oid"
            " and a.attnum in (i.indkey[0], case f.attname when 'platform_id' then i.indkey[1] end)",
        )
    )
    return [f"{table}.{column}: no index begins with it" for table, column in columns if (table, column) not in led]


def checked_values(cursor, model, field) -> set[str]:
    """The values the database's own CHECK lets into a column: the constraint that lists them and nothing else."""
    listing = rf"CHECK \(\(\(?{field.column}\)?::text = ANY \("
    cursor.execute(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'c'",
        [model._meta.db_table],
    )
    found = (text for (text,) in cursor.fetchall() if re.match(listing, text))
    return {value for text in found for value in re.findall(r"'([^']+)'", text)}


def unchecked_states(cursor, models) -> list[str]:
    """State columns without a CHECK, or whose CHECK and choices differ."""
    faults = []
    for model in models:
        for field in model._meta.local_fields:
            if field.name == "state":
                checked = checked_values(cursor, model, field)
                if not checked or checked != {str(value) for value, _ in field.flatchoices}:
                    faults.append(f"{model.__name__}.{field.name}: the CHECK allows {sorted(checked)}")
    return faults


def open_relations(models) -> list[str]:
    """Relations between apps that give the lower model an attribute of the higher app: without `related_name="+"`."""
    return [
        f"{model.__name__}.{field.name}"
        for model in models
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field.is_relation
        and field.related_model._meta.app_label != model._meta.app_label
        and not field.remote_field.hidden
    ]


def upward(edges, order: list[str]) -> list[str]:
    """Edges (from package, to package, what) that point to a higher layer."""
    return [
        f"{source} points up to {target}: {what}"
        for source, target, what in edges
        if source in order and target in order and order.index(target) > order.index(source)
    ]
