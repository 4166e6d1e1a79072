from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("answers", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows(
            "answers_idempotentanswer",
            ("organisation_id",),
            region=None,
            party_rights=wall.APPEND,
            platform_rights=wall.APPEND,
        ),
    ]
