"""Files say who may open them, and who looked for viruses; the wall holds the same."""

import django.contrib.postgres.fields
from django.db import migrations, models

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
BEFORE = wall.policy(FILES, "sun_party", OWN_FILE)


class Migration(migrations.Migration):
    dependencies = [("blocks", "0003_jobs")]
    operations = [
        migrations.AddField(
            "storedfile",
            "visibility",
            models.CharField(
                choices=[("OWN", "仅本单位"), ("PARTIES", "交易各方"), ("PUBLIC", "公开")], default="OWN", max_length=8
            ),
        ),
        migrations.AddField(
            "storedfile",
            "parties",
            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AddField("storedfile", "scanned_by", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddConstraint(
            "storedfile",
            models.CheckConstraint(
                condition=models.Q(("visibility__in", ["OWN", "PARTIES", "PUBLIC"])), name="a_files_visibility_is_known"
            ),
        ),
        migrations.AddConstraint(
            "storedfile",
            models.CheckConstraint(
                condition=models.Q(("visibility", "PARTIES"), ("parties", []), _connector="OR"),
                name="only_a_file_for_parties_names_them",
            ),
        ),
        migrations.RunSQL(
            f"drop policy {FILES}_party_all on {FILES};{TO_PARTIES}{FIXED}",
            "".join(f"drop policy {FILES}_party_{each} on {FILES};" for each in ("select", "insert", "update"))
            + BEFORE
            + f"grant update on {FILES} to sun_party, sun_platform;",
        ),
    ]
