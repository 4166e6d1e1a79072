from django.db import migrations

from sunlight.scope import wall

# Within: the memberships that operators, regulators and the system see, which are those of their platforms.
OF_A_MEMBER = "exists (select 1 from tenancy_membership m where m.user_id = {column})"


class Migration(migrations.Migration):
    """What opens an account is read in the login scope alone; a platform's actors see its own people and no others."""

    dependencies = [("tenancy", "0003_accounts")]
    operations = [
        wall.replace(
            "tenancy_user",
            "sun_platform",
            "select",
            {"select": OF_A_MEMBER.format(column="tenancy_user.id")},
            hidden=("password",),
        ),
        wall.replace(
            "tenancy_loginrecord",
            "sun_platform",
            "select",
            {"select": OF_A_MEMBER.format(column="tenancy_loginrecord.user_id")},
        ),
        wall.replace(
            "tenancy_apitoken",
            "sun_platform",
            wall.WRITE,
            {"all": f"platform_id = {wall.PLATFORMS}"},
            hidden=("token_hash",),
        ),
    ]
