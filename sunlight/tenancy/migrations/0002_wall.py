from django.db import migrations

from sunlight.journal.keeping import keep_rows
from sunlight.scope import wall

# Within: the memberships that operators, regulators and the system see, which are those of their platforms.
OF_A_MEMBER = "exists (select 1 from tenancy_membership m where m.user_id = {column})"

# Of a platform, or of a region on whichever of its platforms.
HERE = (
    f"case when platform_id is not null then {wall.OF_ITS_PLATFORMS}"
    f" when region_id is not null then {wall.OF_ITS_REGIONS} else true end"
)
OF_ITSELF = f"id = {wall.PLATFORMS} or {wall.OF_THE_SYSTEM}"
# Two roles that one person may not hold at one organisation, whatever accounts they have: `tenancy.rules.ROLES_APART`, held
# against SQL too. The lock keeps two transactions from giving one role each.
ROLES_APART = """
create function sun_roles_stay_apart() returns trigger language plpgsql as $$
declare member_id bigint;
begin
    if tg_table_name = 'tenancy_user' then
        perform sun_alone('tenancy.roles', new.person_id::text, true, false);
        for member_id in select m.id from tenancy_membership m where m.user_id = new.id and m.is_active loop
            perform sun_roles_apart(member_id);
        end loop;
    elsif new.is_active then
        perform sun_alone('tenancy.roles', u.person_id::text, true, false)
            from tenancy_user u where u.id = new.user_id;
        perform sun_roles_apart(new.id);
    end if;
    return null;
end $$;
create function sun_roles_apart(member bigint) returns void language plpgsql as $$
declare held text[];
begin
    select array_agg(distinct role) into held
        from tenancy_membership own
        join tenancy_user account on account.id = own.user_id
        join tenancy_user mine on mine.person_id = account.person_id
        join tenancy_membership m on m.user_id = mine.id and m.organisation_id = own.organisation_id
            and m.platform_id = own.platform_id and m.is_active
        cross join unnest(m.roles) role
        where own.id = member;
    if held @> array['HOSPITAL_FINANCE', 'HOSPITAL_RECEIVER'] or held @> array['HOSPITAL_BUYER', 'HOSPITAL_APPROVER']
        or held @> array['PLATFORM_SYSTEM_ADMIN', 'PLATFORM_SECURITY_ADMIN']
        or held @> array['PLATFORM_SYSTEM_ADMIN', 'PLATFORM_AUDIT_ADMIN']
        or held @> array['PLATFORM_SECURITY_ADMIN', 'PLATFORM_AUDIT_ADMIN']
    then
        raise exception 'roles that do not go together: %', held
            using errcode = 'check_violation', constraint = 'one_person_holds_no_roles_that_stay_apart';
    end if;
end $$;
create trigger tenancy_membership_roles_apart after insert or update on tenancy_membership
    for each row execute function sun_roles_stay_apart();
create trigger tenancy_user_roles_apart after update of person_id on tenancy_user
    for each row execute function sun_roles_stay_apart();
"""
ROLES_TOGETHER = """
drop trigger tenancy_membership_roles_apart on tenancy_membership;
drop trigger tenancy_user_roles_apart on tenancy_user;
drop function sun_roles_stay_apart();
drop function sun_roles_apart(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
        ("journal", "0002_wall"),
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
        wall.party_rows("tenancy_bankaccount", ("organisation_id",), region=None, party_rights=wall.READ),
        wall.party_rows("tenancy_stake", ("organisation_id",), region=None),
        wall.party_rows("tenancy_accesschange", ("organisation_id",), region=None),
        wall.login_rows("tenancy_person", rights=wall.APPEND),
        wall.login_rows("tenancy_personidentity"),
        wall.login_rows("tenancy_accountletter"),
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
        wall.party_rows("tenancy_oauthclient", ("organisation_id",), region=None),
        wall.also("tenancy_oauthclient", "sun_login", wall.READ, "true"),
        # Who answers for machines and under which mandate: an organisation's own; asked when a machine comes, and whenever
        # somebody must be another person than whoever stands behind it.
        wall.party_rows("tenancy_machineduty", ("organisation_id",), region=None),
        wall.also("tenancy_machineduty", "sun_login", wall.READ, "true"),
        wall.party_rows("tenancy_mandate", ("organisation_id",), region=None),
        wall.also("tenancy_mandate", "sun_login", wall.READ, "true"),
        wall.party_rows(
            "tenancy_mandateuse",
            ("organisation_id",),
            region=None,
            party_rights=wall.APPEND,
            platform_rights=wall.APPEND,
        ),
        wall.append_only("tenancy_mandateuse"),
        wall.login_rows("tenancy_oauthsecret", rights=wall.READ),
        wall.also(
            "tenancy_oauthsecret",
            "sun_party",
            wall.WRITE,
            "exists (select 1 from tenancy_oauthclient c where c.id = tenancy_oauthsecret.client_id)",
            command="all",
        ),
        wall.login_rows("tenancy_oauthtoken", rights="select, insert, delete"),
        keep_rows("tenancy_bankaccount"),
        migrations.RunSQL(ROLES_APART, ROLES_TOGETHER),
    ]
