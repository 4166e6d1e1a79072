from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("sunlight_messages", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.platform_rows("sunlight_messages_notice"),
        wall.also("sunlight_messages_notice", "sun_party", wall.READ, "is_public and state = 'PUBLISHED'"),
        wall.party_rows("sunlight_messages_message", ("organisation_id",), region=None, party_rights=wall.READ),
        wall.rows_of_parent("sunlight_messages_messagereading", "message_id", "sunlight_messages_message"),
        wall.party_rows("sunlight_messages_mailaddress", ("organisation_id",), region=None),
        wall.platform_rows("sunlight_messages_mail"),
    ]
