from django.db import migrations

from sunlight.scope import wall

TABLE = "supervision_dailyfigure"
WITHIN = f"platform_id = {wall.PLATFORMS} and region_id = {wall.REGIONS}"


class Migration(migrations.Migration):
    """Figures belong to those who watch: within their platforms and regions. No party reads them."""

    dependencies = [("supervision", "0001_schema"), ("scope", "0001_roles_and_functions")]
    operations = [
        migrations.RunSQL(
            wall.enable(TABLE)
            + wall.grant(TABLE, "sun_platform", wall.WRITE_DELETE)
            + wall.policy(TABLE, "sun_platform", WITHIN),
            wall.disable(TABLE, [f"{TABLE}_platform_all"]),
        )
    ]
