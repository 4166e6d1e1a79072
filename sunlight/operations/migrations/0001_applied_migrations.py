from django.db import migrations


class Migration(migrations.Migration):
    """Readiness asks whether every migration is applied. The application may read no table of the owner's, so it gets
    this one answer, as a function that runs with the owner's rights."""

    dependencies = [("scope", "0001_roles_and_functions")]
    operations = [
        migrations.RunSQL(
            "create function sun_applied_migrations() returns table (app text, name text)"
            " language sql stable security definer set search_path = pg_catalog, pg_temp"
            " as 'select app::text, name::text from public.django_migrations';"
            " revoke all on function sun_applied_migrations() from public;"
            " grant execute on function sun_applied_migrations() to sun_login;",
            "drop function sun_applied_migrations();",
        ),
    ]
