import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_applications"),
        ("pricing", "0004_code_feed"),
        ("tenancy", "0004_secrets"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceDistribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("business_day", models.DateField()),
                ("known_until", models.DateTimeField()),
                ("institutions", models.PositiveIntegerField()),
                ("deals", models.PositiveIntegerField()),
                ("bands", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("published_at", models.DateTimeField()),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.pricegroup"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.region"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("region", "price_group", "business_day"), name="price_distribution_once_a_day"
                    )
                ],
            },
        ),
        wall.public_rows("pricing_pricedistribution"),
    ]
