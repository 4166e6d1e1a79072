from django.db import migrations

from sunlight.scope import wall

OWN = f"organisation_id = {wall.PARTY}"


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0001_initial"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.public_rows("tenancy_region", login_reads=True),
        wall.public_rows("tenancy_platform", login_reads=True),
        wall.public_rows("tenancy_organisation", login_reads=True),
        wall.public_rows("tenancy_producername"),
        wall.public_rows("tenancy_registration"),
        wall.public_rows("tenancy_tradingstatus"),
        wall.party_rows("tenancy_profile", ("organisation_id",), region=None),
        wall.party_rows("tenancy_contact", ("organisation_id",), region=None),
        wall.party_rows("tenancy_bankaccount", ("organisation_id",), region=None),
        wall.party_rows("tenancy_stake", ("organisation_id",), region=None),
        wall.login_rows("tenancy_user"),
        wall.also("tenancy_user", "sun_platform", wall.WRITE, "true", command="all"),
        wall.login_rows("tenancy_membership", rights=wall.READ),
        wall.also("tenancy_membership", "sun_platform", wall.WRITE, f"platform_id = {wall.PLATFORMS}", command="all"),
        wall.login_rows("tenancy_apitoken", rights=wall.READ),
        wall.also("tenancy_apitoken", "sun_platform", wall.WRITE, f"platform_id = {wall.PLATFORMS}", command="all"),
        wall.login_rows("tenancy_loginrecord", rights=wall.APPEND),
        wall.also("tenancy_loginrecord", "sun_platform", wall.READ, "true"),
    ]
