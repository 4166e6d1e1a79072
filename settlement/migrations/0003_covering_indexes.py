from django.db import migrations

from sunlight.tenancy.covering import CoverParties


class Migration(migrations.Migration):
    dependencies = [("settlement", "0002_wall")]
    operations = [
        CoverParties(
            "invoice",
            {
                "buyer": "settlement__platfor_5fce3d_idx",
                "seller": "settlement__platfor_07f1f3_idx",
                "distributor": "settlement__platfor_781d28_idx",
            },
        ),
        CoverParties(
            "payable",
            {
                "buyer": "settlement__platfor_1cb874_idx",
                "seller": "settlement__platfor_37bf19_idx",
                "distributor": "settlement__platfor_b2b65b_idx",
            },
        ),
        CoverParties(
            "payment",
            {
                "buyer": "settlement__platfor_780285_idx",
                "seller": "settlement__platfor_b9bb4b_idx",
                "distributor": "settlement__platfor_d0fad4_idx",
            },
        ),
    ]
