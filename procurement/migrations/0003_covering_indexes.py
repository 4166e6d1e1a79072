from django.db import migrations

from sunlight.tenancy.covering import CoverParties


class Migration(migrations.Migration):
    dependencies = [("procurement", "0002_wall")]
    operations = [
        CoverParties(
            "acceptance",
            {
                "buyer": "procurement_platfor_87e4f2_idx",
                "seller": "procurement_platfor_24ebfe_idx",
                "distributor": "procurement_platfor_23c2eb_idx",
            },
        ),
        CoverParties(
            "delivery",
            {
                "buyer": "procurement_platfor_9ec30a_idx",
                "seller": "procurement_platfor_b99485_idx",
                "distributor": "procurement_platfor_e7ae7d_idx",
            },
        ),
        CoverParties(
            "distributionauthorisation",
            {"manufacturer": "procurement_platfor_397ab6_idx", "distributor": "procurement_platfor_a074d8_idx"},
            label="authorisation",
        ),
        CoverParties("offer", {"buyer": "procurement_platfor_612bba_idx", "seller": "procurement_platfor_5c81c3_idx"}),
        CoverParties(
            "order",
            {
                "buyer": "procurement_platfor_ffa213_idx",
                "seller": "procurement_platfor_4778c4_idx",
                "distributor": "procurement_platfor_af03b1_idx",
            },
        ),
        CoverParties(
            "orderline",
            {
                "buyer": "procurement_platfor_179ff5_idx",
                "seller": "procurement_platfor_b7abfc_idx",
                "distributor": "procurement_platfor_bfbaaf_idx",
            },
        ),
        CoverParties(
            "priceagreement", {"buyer": "procurement_platfor_5b5aa8_idx", "seller": "procurement_platfor_0ec89b_idx"}
        ),
        CoverParties(
            "supplycontract", {"buyer": "procurement_platfor_7fd966_idx", "seller": "procurement_platfor_d01648_idx"}
        ),
    ]
