from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("sheets", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows("sheets_importrun", ("organisation_id",), region=None),
        wall.rows_of_parent("sheets_refusedrow", "run_id", "sheets_importrun", rights=wall.APPEND),
    ]
