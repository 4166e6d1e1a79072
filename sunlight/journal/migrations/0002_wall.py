from django.db import migrations

from sunlight.journal.keeping import KEPT
from sunlight.scope import wall

READERS = f"platform_id = {wall.PLATFORM} and {wall.PARTY} = any (parties)"
HERE = f"platform_id = {wall.PLATFORMS}"
# Whoever the ticket names is who acted, for whom and for which organisation: nobody writes history in another's name.
STAMPED = (
    "concat_ws(':', coalesce(actor_kind, ''), coalesce(actor_id::text, ''), coalesce(actor_organisation_id::text, ''))"
    f" = {wall.WHO} and coalesce(actor_for_person_id, 0) = {wall.PEOPLE}"
)


def kept(table: str) -> list:
    """Party actors add and read what they are named on; nobody changes or deletes. A party does not choose the number."""
    return [
        migrations.RunSQL(
            wall.enable(table)
            + wall.grant(table, "sun_party", wall.READ)
            + wall.grant_but(table, "sun_party", "insert", "id")
            + wall.grant(table, "sun_platform", wall.APPEND)
            + wall.policy(table, "sun_party", READERS, command="select")
            + wall.policy(table, "sun_party", f"{READERS} and {STAMPED}", command="insert")
            + wall.policy(table, "sun_platform", HERE, command="select")
            + wall.policy(table, "sun_platform", f"{HERE} and {STAMPED}", command="insert"),
            wall.disable(table),
        ),
        wall.append_only(table),
    ]


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_schema"), ("scope", "0001_roles_and_functions")]
    operations = [
        *kept("journal_event"),
        *kept("journal_decision"),
        *kept("journal_refusal"),
        wall.rows_of_parent("journal_delivery", "event_id", "journal_event"),
        wall.platform_rows("journal_seal", rights=wall.APPEND),
        wall.append_only("journal_seal"),
        wall.platform_rows("journal_sealingmark"),
        # Written by the sealer, for each party of an event.
        wall.party_rows(
            "journal_eventreader",
            ("organisation_id",),
            region=None,
            party_rights=wall.READ,
            platform_rights=wall.APPEND,
        ),
        wall.append_only("journal_eventreader"),
        # For everybody: that is what they are made for.
        wall.public_rows("journal_checkpoint", platform_rights=wall.APPEND),
        wall.append_only("journal_checkpoint"),
        wall.platform_rows("journal_checkpointdelivery", rights=wall.APPEND),
        wall.append_only("journal_checkpointdelivery"),
        # Versions of rows are written by the rows' own triggers, which run as the owner; nobody else may.
        migrations.RunSQL(
            wall.enable("journal_rowfact")
            + wall.grant("journal_rowfact", "sun_platform", wall.READ)
            + wall.policy("journal_rowfact", "sun_platform", f"platform_id = {wall.PLATFORMS}", command="select")
            + wall.policy("journal_rowfact", "sun_owner", "true"),
            wall.disable("journal_rowfact", ["journal_rowfact_platform_select", "journal_rowfact_owner_all"]),
        ),
        wall.append_only("journal_rowfact"),
        migrations.RunSQL(KEPT, "drop function sun_rows_kept(bigint, bigint, bigint[]);"),
    ]
