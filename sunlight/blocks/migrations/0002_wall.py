from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [("blocks", "0001_initial"), ("scope", "0001_roles_and_functions")]
    operations = [
        wall.party_rows("blocks_storedfile", ("organisation_id",), region=None),
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
