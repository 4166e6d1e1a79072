from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        # Neither side writes what it owes the other: services do it as the platform, in the transaction of the step.
        wall.party_rows("deadlines_deadline", party_rights=wall.READ),
    ]
