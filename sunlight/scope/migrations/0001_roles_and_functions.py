from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
TICKET, NUMBERS = ((SQL / name).read_text(encoding="utf-8") for name in ("ticket.sql", "numbers.sql"))

CHECK_ROLES = """
do $$
declare missing text;
begin
  select string_agg(name, ', ') into missing
    from unnest(array['sun_owner', 'sun_app', 'sun_hospital', 'sun_supplier', 'sun_platform', 'sun_login']) as wanted(name)
   where not exists (select 1 from pg_roles where rolname = wanted.name);
  if missing is not null then
    raise exception 'missing database roles: %. Run sunlight/scope/sql/roles.sql as a superuser first.', missing;
  end if;
end $$;
grant usage on schema public to sun_hospital, sun_supplier, sun_platform, sun_login;
"""

REFUSE_CHANGE = """
create function sun_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'integrity_constraint_violation';
end $$;
"""

# Named after the columns that may be written once: empty before, the rest of the row as it was.
REFUSE_CHANGE_BUT = """
create function sun_refuse_change_but() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - tg_argv = to_jsonb(old) - tg_argv
     and not exists (select 1 from unnest(tg_argv) as ending(name) where to_jsonb(old) ->> name <> '') then
    return new;
  end if;
  raise exception '% may only be ended: % refused', tg_table_name, tg_op using errcode = 'integrity_constraint_violation';
end $$;
"""


# A state that a side of the trade may not give a row, by the machine's table (`wall.keeps_to`).
REFUSE_MOVE = """
create function sun_refuse_move() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    raise exception '%: no row of % begins as %', tg_table_name, current_user, new.state using errcode = 'insufficient_privilege';
  end if;
  raise exception '%: % to % is no move of %', tg_table_name, old.state, new.state, current_user using errcode = 'insufficient_privilege';
end $$;
"""
# A row that a side may lock and not change (`wall.only_locked`).
REFUSE_SIDE = """
create function sun_refuse_side() returns trigger language plpgsql as $$
begin
  raise exception '%: % changes nothing here', tg_table_name, current_user using errcode = 'insufficient_privilege';
end $$;
"""
OF_THE_TICKET = (
    "sun_let_go(text, text)",
    "sun_alone_for_long(text, text)",
    "sun_alone(text, text, boolean, boolean)",
    "sun_lock_key(text, text, boolean)",
    "sun_platform()",
    "sun_claims(text)",
    "sun_transaction()",
)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(CHECK_ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(
            TICKET,
            "".join(f"drop function {each};" for each in OF_THE_TICKET) + " drop schema sun_secret cascade;",
        ),
        migrations.RunSQL(REFUSE_CHANGE, "drop function sun_refuse_change();"),
        migrations.RunSQL(REFUSE_CHANGE_BUT, "drop function sun_refuse_change_but();"),
        migrations.RunSQL(NUMBERS, "drop function sun_numbers(date, integer);"),
        migrations.RunSQL(REFUSE_MOVE, "drop function sun_refuse_move();"),
        migrations.RunSQL(REFUSE_SIDE, "drop function sun_refuse_side();"),
    ]
