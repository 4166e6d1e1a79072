from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("saved_views", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows(
            "saved_views_savedview",
            ("organisation_id",),
            region=None,
            party_rights=wall.WRITE_DELETE,
            platform_rights=wall.WRITE_DELETE,
        ),
    ]
