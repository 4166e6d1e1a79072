from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("publicity", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.public_rows("publicity_publication", writes=wall.OF_ITS_PLATFORMS),
        wall.platform_rows("publicity_objection"),
    ]
