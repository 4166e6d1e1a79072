from django.db import migrations

from pricing.workflows import DECLARATION
from sunlight.journal.keeping import keep_rows
from sunlight.journal.rowfacts import BY_SCOPE
from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_schema"), ("scope", "0001_roles_and_functions"), ("journal", "0002_wall")]
    operations = [
        wall.public_rows("pricing_listedprice", writes=wall.OF_ITS_REGIONS),
        wall.party_rows(
            "pricing_declaration",
            ("manufacturer_id",),
            region=None,
            hospital_rights=wall.may_update("version"),
            supplier_rights=wall.may_update("version", rights=wall.APPEND),
        ),
        wall.only_locked("pricing_declaration", "sun_hospital", "sun_supplier"),
        wall.keeps_to("pricing_declaration", DECLARATION),
        wall.rows_of_parent(
            "pricing_declaredprice",
            "declaration_id",
            "pricing_declaration",
            hospital_rights=wall.READ,
            supplier_rights=wall.APPEND,
        ),
        wall.public_rows("pricing_provinceprice", writes=wall.OF_ITS_REGIONS),
        # Lines and limits rest on deals: the platform writes them, for whoever makes one.
        wall.party_rows("pricing_dealfact", party_rights=wall.READ),
        wall.public_rows("pricing_pricepublication", writes=wall.OF_ITS_REGIONS),
        wall.public_rows("pricing_priceinformation", writes=wall.OF_ITS_REGIONS),
        wall.platform_rows("pricing_nightlyrun"),
        wall.public_rows("pricing_codechange", writes=wall.OF_ITS_PLATFORMS),
        wall.public_rows("pricing_feedposition", writes=wall.OF_ITS_PLATFORMS),
        wall.public_rows("pricing_pricedistribution", writes=wall.OF_ITS_REGIONS),
        wall.rows_of_parent(
            "pricing_nightlychunk", "run_id", "pricing_nightlyrun", hospital_rights=wall.NO, supplier_rights=wall.NO
        ),
        *(keep_rows(table, platform=BY_SCOPE) for table in ("pricing_listedprice", "pricing_provinceprice")),
    ]
