from django.db import migrations

from procurement.bargaining.workflows import CLEARANCE, PRICE_REVIEW
from sunlight.scope import wall

OWN = " ".join(f"when {wall.place(party)} then true" for party in ("buyer_id", "seller_id"))
DECIDED = f"case {wall.PLACE} {OWN} else false end and state <> 'PROPOSED'"


class Migration(migrations.Migration):
    dependencies = [("procurement", "0003_bargain_reviews_and_clearances"), ("scope", "0001_roles_and_functions")]
    operations = [
        # A hospital asks for a review; the operator decides it. The maker reads what is asked about its product.
        wall.party_rows(
            "procurement_pricereview",
            ("buyer_id", "seller_id"),
            hospital_rights=wall.APPEND,
            supplier_rights=wall.READ,
        ),
        wall.keeps_to("procurement_pricereview", PRICE_REVIEW),
        # Written by the authority alone; what offers and orders draw, the platform writes for the hospital.
        wall.party_rows("procurement_clearance", ("buyer_id", "seller_id"), party_rights=wall.READ),
        # What an officer proposes the parties read once it is decided.
        *(
            wall.replace("procurement_clearance", role, wall.READ, {"select": DECIDED})
            for role in ("sun_hospital", "sun_supplier")
        ),
        wall.keeps_to("procurement_clearance", CLEARANCE),
        wall.rows_of_parent(
            "procurement_clearanceuse",
            "clearance_id",
            "procurement_clearance",
            hospital_rights=wall.READ,
            supplier_rights=wall.READ,
        ),
    ]
