from django.db import migrations

CHECK_ROLES = """
do $$
declare missing text;
begin
  select string_agg(name, ', ') into missing
    from unnest(array['sun_owner', 'sun_app', 'sun_party', 'sun_platform', 'sun_login']) as wanted(name)
   where not exists (select 1 from pg_roles where rolname = wanted.name);
  if missing is not null then
    raise exception 'missing database roles: %. Run sunlight/scope/sql/roles.sql as a superuser first.', missing;
  end if;
end $$;
grant usage on schema public to sun_party, sun_platform, sun_login;
"""

REFUSE_CHANGE = """
create function sun_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'integrity_constraint_violation';
end $$;
"""

# Who is asking, for the policies of the wall (sunlight/scope/wall.py), as `sunlight.scope.session` has set it; nobody where
# nothing is set. Written so that the planner puts the body in the place of the call, and resolved when they are made, so that
# no search path changes what they mean.
WHO_ASKS = """
create function sun_party() returns bigint language sql stable parallel safe
  return nullif(current_setting('sun.party', true), '')::bigint;
create function sun_platform() returns bigint language sql stable parallel safe
  return nullif(current_setting('sun.platform', true), '')::bigint;
create function sun_platforms() returns bigint[] language sql stable parallel safe
  return nullif(current_setting('sun.platforms', true), '')::bigint[];
create function sun_regions() returns bigint[] language sql stable parallel safe
  return nullif(current_setting('sun.regions', true), '')::bigint[];
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


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(CHECK_ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(
            WHO_ASKS,
            "drop function sun_party(); drop function sun_platform();"
            " drop function sun_platforms(); drop function sun_regions();",
        ),
        migrations.RunSQL(REFUSE_CHANGE, "drop function sun_refuse_change();"),
        migrations.RunSQL(REFUSE_CHANGE_BUT, "drop function sun_refuse_change_but();"),
        migrations.RunSQL(
            "create sequence platform_number; grant usage on sequence platform_number to sun_party, sun_platform;",
            "drop sequence platform_number;",
        ),
    ]
