from django.db import migrations

from sunlight.journal.keeping import keep_rows
from sunlight.journal.rowfacts import through
from sunlight.scope import wall

TWO = ("buyer_id", "seller_id")


class Migration(migrations.Migration):
    dependencies = [("procurement", "0001_schema"), ("scope", "0001_roles_and_functions"), ("journal", "0002_wall")]
    operations = [
        wall.party_rows("procurement_offer", TWO),
        wall.party_rows("procurement_supplycontract", TWO),
        wall.party_rows("procurement_priceagreement", TWO),
        wall.party_rows("procurement_deliverypoint", ("hospital_id",), region=None),
        wall.party_rows("procurement_distributionauthorisation", ("manufacturer_id", "distributor_id"), region=None),
        wall.party_rows("procurement_order"),
        # Whoever delivers an order sees where to.
        wall.also(
            "procurement_deliverypoint",
            "sun_party",
            wall.READ,
            "exists (select 1 from procurement_order o where o.delivery_point_id = procurement_deliverypoint.id)",
        ),
        wall.party_rows("procurement_orderline"),
        wall.party_rows("procurement_delivery"),
        wall.rows_of_parent("procurement_deliveryline", "delivery_id", "procurement_delivery"),
        wall.party_rows("procurement_acceptance"),
        wall.rows_of_parent("procurement_acceptanceline", "acceptance_id", "procurement_acceptance"),
        # A hospital's drafts: nobody on the other side of the trade sees them.
        wall.party_rows("procurement_offersheet", ("buyer_id",)),
        wall.rows_of_parent("procurement_offersheetrow", "sheet_id", "procurement_offersheet"),
        *(
            keep_rows(f"procurement_{name}")
            for name in ("supplycontract", "priceagreement", "order", "orderline", "acceptance")
        ),
        keep_rows("procurement_acceptanceline", platform=through("acceptance_id", "procurement_acceptance")),
    ]
