from django.db import migrations

from sunlight.scope import wall

# Within: the memberships that operators, regulators and the system see, which are those of their platforms.
OF_A_MEMBER = "exists (select 1 from tenancy_membership m where m.user_id = {column})"

# Of a platform, or of a region on whichever of its platforms.
HERE = (
    f"case when platform_id is not null then {wall.OF_ITS_PLATFORMS}"
    f" when region_id is not null then {wall.OF_ITS_REGIONS} else true end"
)
OF_ITSELF = f"id = {wall.PLATFORMS} or {wall.OF_THE_SYSTEM}"


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.public_rows("tenancy_region", login_reads=True, writes=wall.OF_THE_SYSTEM),
        wall.public_rows("tenancy_platform", login_reads=True, writes=OF_ITSELF),
        wall.public_rows("tenancy_organisation", login_reads=True),
        wall.public_rows("tenancy_producername"),
        wall.public_rows("tenancy_registration", writes=wall.OF_ITS_PLATFORMS),
        wall.public_rows("tenancy_restriction", writes=HERE),
        wall.ends_once("tenancy_restriction", "lifted_on", "lifted_at", "lift_reason"),
        wall.public_rows("tenancy_standing", platform_rights=wall.APPEND, writes=HERE),
        wall.append_only("tenancy_standing"),
        wall.party_rows("tenancy_profile", ("organisation_id",), region=None),
        wall.party_rows("tenancy_contact", ("organisation_id",), region=None),
        wall.party_rows("tenancy_bankaccount", ("organisation_id",), region=None),
        wall.party_rows("tenancy_stake", ("organisation_id",), region=None),
        wall.login_rows("tenancy_person", rights=wall.APPEND),
        wall.login_rows("tenancy_user"),
        # What opens an account is read in the login scope alone; a platform's actors see its own people and no others.
        wall.replace(
            "tenancy_user",
            "sun_platform",
            "select",
            {"select": OF_A_MEMBER.format(column="tenancy_user.id")},
            hidden=("password",),
        ),
        wall.login_rows("tenancy_membership", rights=wall.READ),
        wall.also("tenancy_membership", "sun_platform", wall.WRITE, f"platform_id = {wall.PLATFORMS}", command="all"),
        wall.login_rows("tenancy_apitoken", rights=wall.READ),
        wall.replace(
            "tenancy_apitoken",
            "sun_platform",
            wall.WRITE,
            {"all": f"platform_id = {wall.PLATFORMS}"},
            hidden=("token_hash",),
        ),
        wall.login_rows("tenancy_loginrecord", rights=wall.APPEND),
        wall.also(
            "tenancy_loginrecord", "sun_platform", wall.READ, OF_A_MEMBER.format(column="tenancy_loginrecord.user_id")
        ),
        wall.login_rows("tenancy_pastpassword", rights=wall.WRITE_DELETE),
        wall.login_rows("tenancy_session", rights=wall.WRITE_DELETE),
        wall.login_rows("tenancy_factor", rights=wall.WRITE_DELETE),
        wall.login_rows("tenancy_recoverycode", rights=wall.WRITE_DELETE),
        # An organisation's own; looked up in the login scope when a token is fetched or shown.
        wall.party_rows("tenancy_oauthclient", ("organisation_id",), region=None, platform_rights=wall.READ),
        wall.also("tenancy_oauthclient", "sun_login", wall.READ, "true"),
        wall.login_rows("tenancy_oauthsecret", rights=wall.READ),
        wall.also(
            "tenancy_oauthsecret",
            "sun_party",
            wall.WRITE,
            "exists (select 1 from tenancy_oauthclient c where c.id = tenancy_oauthsecret.client_id)",
            command="all",
        ),
        wall.login_rows("tenancy_oauthtoken", rights="select, insert, delete"),
    ]
