from django.db import migrations

from catalog.workflows import LISTING
from sunlight.scope import wall

OWN = f"manufacturer_id = {wall.PARTY}"
OF_OWN_GROUP = (
    f"exists (select 1 from catalog_pricegroup g where g.id = price_group_id and g.manufacturer_id = {wall.PARTY})"
)
OF_OWN_LISTING = (
    f"exists (select 1 from catalog_listing l where l.id = listing_id and l.manufacturer_id = {wall.PARTY})"
)
HERE = f"platform_id = {wall.PLATFORMS} and region_id = {wall.REGIONS}"
# A listing that one platform approves is opened on all platforms of the region.
OF_A_LISTING_HERE = (
    f"exists (select 1 from catalog_listing l where l.id = listing_id and l.platform_id = {wall.PLATFORMS})"
)
OPEN_HERE = (
    "exists (select 1 from catalog_platformlisting o"
    f" where o.listing_id = catalog_listing.id and o.platform_id = {wall.PLATFORMS})"
)
# Every two neighbouring characters of a text, in lower case, none with white space. An index on them finds Chinese words
# of two characters, which trigrams cannot. Calls are schema-qualified: an index is built with a narrow search_path. As one
# expression over two arrays in a function whose plan is kept it costs two fifths of a plain query over windows, and the
# search index costs most of an import.
BIGRAMS = r"""
create function public.bigrams(value text) returns text[]
language plpgsql immutable strict parallel safe as $$
declare
  letters text[] := pg_catalog.string_to_array(
    pg_catalog.regexp_replace(pg_catalog.lower(value), '\s', ' ', 'g'), null);
begin
  return array(select x operator(pg_catalog.||) y
                 from rows from (pg_catalog.unnest(letters), pg_catalog.unnest(letters[2:])) as pairs(x, y)
                where x operator(pg_catalog.<>) ' ' and y operator(pg_catalog.<>) ' ');
end $$;
"""


class Migration(migrations.Migration):
    """The national catalogue and what is listed are public. A maker writes its own price groups and applications;
    an application is nobody else's business before it is listed."""

    dependencies = [("catalog", "0001_schema"), ("scope", "0001_roles_and_functions")]
    operations = [
        wall.public_rows("catalog_nationalcode"),
        wall.public_rows("catalog_certificate"),
        wall.also("catalog_certificate", "sun_supplier", wall.APPEND, "true", command="insert"),
        wall.public_rows("catalog_certificateunit", platform_rights=wall.APPEND),
        wall.append_only("catalog_certificateunit"),
        wall.public_rows("catalog_pricegroup"),
        wall.also("catalog_pricegroup", "sun_supplier", wall.APPEND, OWN, command="insert"),
        wall.public_rows("catalog_pack"),
        wall.also("catalog_pack", "sun_supplier", wall.APPEND, OF_OWN_GROUP, command="insert"),
        wall.own_or_public_rows("catalog_listing", own=OWN, public="listed_on is not null"),
        wall.keeps_to("catalog_listing", LISTING),
        # An application is read by the platform it was made to, and by the regulators above; everybody reads what is
        # listed. A listing is changed by a platform on which it is open.
        wall.replace(
            "catalog_listing",
            "sun_platform",
            wall.WRITE,
            {
                "select": f"listed_on is not null or ({HERE})",
                "insert": HERE,
                "update": f"({HERE}) or {OPEN_HERE}",
            },
        ),
        wall.public_rows("catalog_listedspecification"),
        wall.also("catalog_listedspecification", "sun_supplier", wall.APPEND, OF_OWN_LISTING, command="insert"),
        wall.also("catalog_listedspecification", "sun_supplier", "delete", OF_OWN_LISTING, command="delete"),
        wall.public_rows("catalog_platformlisting", writes=OF_A_LISTING_HERE),
        wall.platform_rows("catalog_stagedcode", rights=wall.WRITE_DELETE),
        migrations.RunSQL(BIGRAMS, "drop function public.bigrams(text);"),
        migrations.RunSQL(
            "create index catalog_nationalcode_bigrams on catalog_nationalcode"
            " using gin (public.bigrams(search_text));",
            "drop index catalog_nationalcode_bigrams;",
        ),
    ]
