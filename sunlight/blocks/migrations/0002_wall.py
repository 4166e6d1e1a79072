from django.db import migrations

from sunlight.scope import wall

FILES = "blocks_storedfile"
OWN_FILE = f"platform_id = {wall.PLATFORM} and organisation_id = {wall.PARTY}"
NAMED_FILE = f"platform_id = {wall.PLATFORM} and visibility = 'PARTIES' and {wall.PARTY} = any (parties)"


class Migration(migrations.Migration):
    dependencies = [("blocks", "0001_initial"), ("scope", "0001_roles_and_functions")]
    operations = [
        # A party's own files, those it is named with, and what is public; only the platform publishes.
        migrations.RunSQL(
            wall.enable(FILES)
            + wall.grant(FILES, "sun_party", wall.WRITE)
            + wall.policy(FILES, "sun_party", f"visibility = 'PUBLIC' or {OWN_FILE} or {NAMED_FILE}", command="select")
            + wall.policy(FILES, "sun_party", f"{OWN_FILE} and visibility <> 'PUBLIC'", command="insert")
            + wall.policy(FILES, "sun_party", f"{OWN_FILE} and visibility <> 'PUBLIC'", command="update")
            + wall.grant(FILES, "sun_platform", wall.WRITE)
            + wall.policy(FILES, "sun_platform", f"platform_id = {wall.PLATFORMS}"),
            wall.disable(
                FILES, [f"{FILES}_{each}" for each in ("party_select", "party_insert", "party_update", "platform_all")]
            ),
        ),
        wall.party_rows("blocks_importrun", ("organisation_id",), region=None),
        wall.rows_of_parent("blocks_refusedrow", "run_id", "blocks_importrun", rights=wall.APPEND),
        wall.party_rows(
            "blocks_idempotentanswer",
            ("organisation_id",),
            region=None,
            party_rights=wall.APPEND,
            platform_rights=wall.APPEND,
        ),
    ]
