from django.db import migrations

from sunlight.scope import wall

READERS = f"platform_id = {wall.PLATFORM} and {wall.PARTY} = any (parties)"


def kept(table: str) -> list:
    """Party actors add and read what they are named on; nobody changes or deletes."""
    return [
        migrations.RunSQL(
            wall.enable(table)
            + wall.grant(table, "sun_party", wall.APPEND)
            + wall.grant(table, "sun_platform", wall.APPEND)
            + wall.policy(table, "sun_party", READERS)
            + wall.policy(table, "sun_platform", f"platform_id = {wall.PLATFORMS}"),
            wall.disable(table, [wall.name_of(table, each, "all") for each in wall.SCOPE_ROLES]),
        ),
        wall.append_only(table),
    ]


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_schema"), ("scope", "0001_roles_and_functions")]
    operations = [
        *kept("journal_event"),
        *kept("journal_decision"),
        *kept("journal_refusal"),
        wall.rows_of_parent("journal_delivery", "event_id", "journal_event"),
        wall.platform_rows("journal_seal", rights=wall.APPEND),
        wall.append_only("journal_seal"),
    ]
