from django.db import migrations

from sunlight.scope import wall

FILES = "files_storedfile"
OWN_FILE = f"(platform_id, organisation_id) = {wall.PLATFORM_AND_PARTY}"
NAMED_FILE = f"platform_id = {wall.PLATFORM} and visibility = 'PARTIES' and {wall.PARTY} = any (parties)"

# A party's own files, those it is named with, and what is public; only the platform publishes.
TO_PARTIES = (
    wall.policy(FILES, "sun_party", f"visibility = 'PUBLIC' or {OWN_FILE} or {NAMED_FILE}", command="select")
    + wall.policy(FILES, "sun_party", f"{OWN_FILE} and visibility <> 'PUBLIC'", command="insert")
    + wall.policy(FILES, "sun_party", f"{OWN_FILE} and visibility <> 'PUBLIC'", command="update")
)
ROLES = (*wall.roles_of("sun_party"), "sun_platform")
# Who may open a file can change; what was kept cannot.
FIXED = (
    f"revoke update on {FILES} from {', '.join(ROLES)};"
    f" grant update (visibility, parties) on {FILES} to {', '.join(ROLES)};"
)


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows("files_storedfile", ("organisation_id",), region=None),
        migrations.RunSQL(
            wall.drop_policies(FILES, "sun_party") + TO_PARTIES + FIXED, wall.drop_policies(FILES, "sun_party")
        ),
        wall.rows_of_parent("files_filepart", "file_id", "files_storedfile", rights=wall.WRITE_DELETE),
        migrations.RunSQL(
            "alter table files_filepart alter column content set storage external",
            "alter table files_filepart alter column content set storage extended",
        ),
    ]
