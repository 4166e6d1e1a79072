from django.db import migrations

from sunlight.scope import wall
from sunlight.webhooks.workflows import WEBHOOK


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows("webhooks_webhook", ("organisation_id",), region=None),
        wall.keeps_to("webhooks_webhook", WEBHOOK),
        wall.party_rows("webhooks_webhookdelivery", ("organisation_id",), region=None, party_rights="select, update"),
    ]
