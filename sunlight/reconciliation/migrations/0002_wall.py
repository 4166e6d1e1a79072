from django.db import migrations

from sunlight.journal.keeping import keep_rows
from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_schema"), ("journal", "0002_wall")]
    operations = [
        wall.platform_rows("reconciliation_reconciliation"),
        wall.platform_rows("reconciliation_discrepancy"),
        keep_rows("reconciliation_discrepancy"),
    ]
