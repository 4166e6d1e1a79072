from django.db import migrations

from sunlight.scope import wall

OWN = f"platform_id = {wall.PLATFORMS} and region_id = {wall.REGIONS}"
OPEN_HERE = (
    "exists (select 1 from catalog_platformlisting o"
    f" where o.listing_id = catalog_listing.id and o.platform_id = {wall.PLATFORMS})"
)


class Migration(migrations.Migration):
    """An application is read by the platform it was made to, and by the regulators above; everybody reads what is
    listed. A listing is changed by a platform on which it is open."""

    dependencies = [("catalog", "0003_search"), ("tenancy", "0002_wall")]
    operations = [
        wall.replace(
            "catalog_listing",
            "sun_platform",
            wall.WRITE,
            {
                "select": f"listed_on is not null or ({OWN})",
                "insert": OWN,
                "update": f"({OWN}) or {OPEN_HERE}",
            },
        ),
    ]
