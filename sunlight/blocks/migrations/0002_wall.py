from django.db import migrations

from sunlight.scope import wall

FILES = "blocks_storedfile"
OWN_FILE = f"platform_id = {wall.PLATFORM} and organisation_id = {wall.PARTY}"
NAMED_FILE = f"platform_id = {wall.PLATFORM} and visibility = 'PARTIES' and {wall.PARTY} = any (parties)"

# A party's own files, those it is named with, and what is public; only the platform publishes.
TO_PARTIES = (
    wall.policy(FILES, "sun_party", f"visibility = 'PUBLIC' or {OWN_FILE} or {NAMED_FILE}", command="select")
    + wall.policy(FILES, "sun_party", f"{OWN_FILE} and visibility <> 'PUBLIC'", command="insert")
    + wall.policy(FILES, "sun_party", f"{OWN_FILE} and visibility <> 'PUBLIC'", command="update")
)
# Who may open a file can change; what was kept cannot.
FIXED = (
    f"revoke update on {FILES} from sun_party, sun_platform;"
    f" grant update (visibility, parties) on {FILES} to sun_party, sun_platform;"
)


class Migration(migrations.Migration):
    dependencies = [("blocks", "0001_schema"), ("scope", "0001_roles_and_functions")]
    operations = [
        wall.party_rows("blocks_storedfile", ("organisation_id",), region=None),
        migrations.RunSQL(
            f"drop policy {FILES}_party_all on {FILES};{TO_PARTIES}{FIXED}",
            "".join(f"drop policy {FILES}_party_{each} on {FILES};" for each in ("select", "insert", "update")),
        ),
        wall.rows_of_parent("blocks_filepart", "file_id", "blocks_storedfile", rights=wall.WRITE_DELETE),
        migrations.RunSQL(
            "alter table blocks_filepart alter column content set storage external",
            "alter table blocks_filepart alter column content set storage extended",
        ),
        wall.party_rows("blocks_importrun", ("organisation_id",), region=None),
        wall.rows_of_parent("blocks_refusedrow", "run_id", "blocks_importrun", rights=wall.APPEND),
        wall.party_rows(
            "blocks_idempotentanswer",
            ("organisation_id",),
            region=None,
            party_rights=wall.APPEND,
            platform_rights=wall.APPEND,
        ),
        wall.party_rows("blocks_job", ("organisation_id",), region=None),
        wall.platform_rows("blocks_notice"),
        wall.also("blocks_notice", "sun_party", wall.READ, "is_public and state = 'PUBLISHED'"),
        wall.party_rows("blocks_message", ("organisation_id",), region=None, party_rights=wall.READ),
        wall.rows_of_parent("blocks_messagereading", "message_id", "blocks_message"),
        wall.party_rows("blocks_mailaddress", ("organisation_id",), region=None),
        wall.platform_rows("blocks_mail"),
        wall.party_rows(
            "blocks_savedview",
            ("organisation_id",),
            region=None,
            party_rights=wall.WRITE_DELETE,
            platform_rights=wall.WRITE_DELETE,
        ),
        wall.platform_rows("blocks_registrationapplication"),
        wall.rows_of_parent("blocks_registrationdocument", "application_id", "blocks_registrationapplication"),
        wall.party_rows("blocks_qualification", ("organisation_id",), region=None),
        wall.party_rows(
            "blocks_approvalchain",
            ("organisation_id",),
            region=None,
            party_rights=wall.APPEND,
            platform_rights=wall.APPEND,
        ),
        wall.append_only("blocks_approvalchain"),
        wall.party_rows("blocks_approvaldelegation", ("organisation_id",), region=None),
        wall.party_rows("blocks_approvalrequest", ("organisation_id",), region=None),
        wall.rows_of_parent("blocks_approvalact", "request_id", "blocks_approvalrequest", rights=wall.APPEND),
        wall.append_only("blocks_approvalact"),
        wall.party_rows("blocks_webhook", ("organisation_id",), region=None),
        wall.party_rows("blocks_webhookdelivery", ("organisation_id",), region=None, party_rights="select, update"),
        wall.public_rows("blocks_publication"),
        wall.platform_rows("blocks_objection"),
    ]
