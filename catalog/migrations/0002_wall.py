from django.db import migrations

from sunlight.scope import wall

OWN = f"manufacturer_id = {wall.PARTY}"
OF_OWN_GROUP = (
    f"exists (select 1 from catalog_pricegroup g where g.id = price_group_id and g.manufacturer_id = {wall.PARTY})"
)
OF_OWN_LISTING = (
    f"exists (select 1 from catalog_listing l where l.id = listing_id and l.manufacturer_id = {wall.PARTY})"
)


class Migration(migrations.Migration):
    """The national catalogue and what stands listed are public. A maker writes its own price groups and applications;
    an application is nobody else's business before it is listed."""

    dependencies = [("catalog", "0001_initial"), ("scope", "0001_roles_and_functions")]
    operations = [
        wall.public_rows("catalog_nationalcode"),
        wall.public_rows("catalog_certificate"),
        wall.also("catalog_certificate", "sun_party", wall.APPEND, "true", command="insert"),
        wall.public_rows("catalog_pricegroup"),
        wall.also("catalog_pricegroup", "sun_party", wall.APPEND, OWN, command="insert"),
        wall.public_rows("catalog_pack"),
        wall.also("catalog_pack", "sun_party", wall.APPEND, OF_OWN_GROUP, command="insert"),
        wall.own_or_public_rows("catalog_listing", own=OWN, public="listed_on is not null"),
        wall.public_rows("catalog_listedspecification"),
        wall.also("catalog_listedspecification", "sun_party", wall.APPEND, OF_OWN_LISTING, command="insert"),
        wall.also("catalog_listedspecification", "sun_party", "delete", OF_OWN_LISTING, command="delete"),
        wall.public_rows("catalog_platformlisting"),
    ]
