from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows("jobs_job", ("organisation_id",), region=None),
        wall.rows_of_parent("jobs_jobpart", "job_id", "jobs_job", rights=wall.WRITE_DELETE),
    ]
