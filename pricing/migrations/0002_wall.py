from django.db import migrations

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_schema"), ("scope", "0001_roles_and_functions")]
    operations = [
        wall.public_rows("pricing_listedprice"),
        wall.party_rows("pricing_declaration", ("manufacturer_id",), region=None),
        wall.rows_of_parent("pricing_declaredprice", "declaration_id", "pricing_declaration"),
        wall.public_rows("pricing_provinceprice"),
        wall.party_rows("pricing_dealfact"),
        wall.public_rows("pricing_pricepublication"),
        wall.public_rows("pricing_priceinformation"),
        wall.platform_rows("pricing_nightlyrun"),
        wall.public_rows("pricing_codechange"),
        wall.public_rows("pricing_feedposition"),
        wall.public_rows("pricing_pricedistribution"),
        wall.rows_of_parent(
            "pricing_nightlychunk", "run_id", "pricing_nightlyrun", hospital_rights=wall.NO, supplier_rights=wall.NO
        ),
    ]
