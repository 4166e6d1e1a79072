from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.platform_rows("registration_registrationapplication"),
        wall.rows_of_parent(
            "registration_registrationdocument",
            "application_id",
            "registration_registrationapplication",
            hospital_rights=wall.NO,
            supplier_rights=wall.NO,
        ),
        wall.party_rows("registration_qualification", ("organisation_id",), region=None),
    ]
