from django.db import migrations

from sunlight.tenancy.covering import CoverParties


class Migration(migrations.Migration):
    dependencies = [("pricing", "0002_wall")]
    operations = [
        CoverParties(
            "dealfact",
            {
                "buyer": "pricing_dea_platfor_bac60d_idx",
                "seller": "pricing_dea_platfor_54aadf_idx",
                "distributor": "pricing_dea_platfor_58470e_idx",
            },
        ),
    ]
