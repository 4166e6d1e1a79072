import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

from pricing.workflows import NOTICE, REFERENCE
from sunlight.journal.keeping import keep_rows
from sunlight.scope import wall

OF_AN_OFFICE = f"{wall.OF_ITS_PLATFORMS} and {wall.OF_ITS_REGIONS}"


class Migration(migrations.Migration):
    """Reference prices (SZ20-5.2.1b) and notices that lower a listed price (JS20-11B), each with its wall."""

    dependencies = [
        ("catalog", "0007_prices_catalogue"),
        ("pricing", "0002_wall"),
        ("publicity", "0002_wall"),
        ("journal", "0002_wall"),
        ("scope", "0001_roles_and_functions"),
        ("tenancy", "0003_drafts_switch"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("kind", models.CharField(max_length=12)),
                ("old_price", models.DecimalField(decimal_places=4, max_digits=14)),
                ("new_price", models.DecimalField(decimal_places=4, max_digits=14)),
                ("ground", models.CharField(max_length=12)),
                ("ground_number", models.CharField(blank=True, max_length=20)),
                (
                    "ground_facts",
                    models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("clause", models.CharField(max_length=30)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PUBLISHED", "公示中"),
                            ("EFFECTIVE", "已生效"),
                            ("OPPOSED", "异议成立"),
                            ("WITHDRAWN", "公示已撤回"),
                            ("OVERTAKEN", "无需调整"),
                        ],
                        default="PUBLISHED",
                        max_length=12,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("effective_on", models.DateField(null=True)),
                ("ended_note", models.CharField(blank=True, max_length=500)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.listing"
                    ),
                ),
                (
                    "manufacturer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation"
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.pricegroup"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="publicity.publication",
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
                "indexes": [
                    models.Index(fields=["platform", "state", "-id"], name="pricing_pri_platfor_9d0c5f_idx"),
                    models.Index(fields=["manufacturer", "-id"], name="pricing_pri_manufac_ba48da_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["LINKAGE", "CUT"])), name="price_notice_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ground__in", ["deal", "outside"])), name="price_notice_ground_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["PUBLISHED", "EFFECTIVE", "OPPOSED", "WITHDRAWN", "OVERTAKEN"])
                        ),
                        name="price_notice_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("new_price__gt", 0), ("new_price__lt", models.F("old_price"))),
                        name="a_notice_only_lowers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "EFFECTIVE"), ("effective_on", None), _connector="XOR"),
                        name="a_notice_in_force_has_its_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "PUBLISHED")),
                        fields=("region", "price_group", "new_price"),
                        name="a_price_is_under_notice_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferencePrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("price", models.DecimalField(decimal_places=4, max_digits=14)),
                ("source", models.CharField(max_length=400)),
                ("national_prices", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("COLLECTED", "已采集"),
                            ("PUBLISHED", "公示中"),
                            ("CONFIRMED", "已确认"),
                            ("OPPOSED", "异议成立"),
                            ("DROPPED", "已撤销"),
                            ("LAPSED", "因规定终止"),
                        ],
                        default="COLLECTED",
                        max_length=12,
                    ),
                ),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
                ("collected_at", models.DateTimeField()),
                ("collected_by_kind", models.CharField(max_length=6, null=True)),
                ("collected_by_id", models.BigIntegerField(null=True)),
                ("collected_for_person_id", models.BigIntegerField(null=True)),
                ("collected_mandate_id", models.BigIntegerField(null=True)),
                ("ended_note", models.CharField(blank=True, max_length=500)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.pricegroup"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="publicity.publication",
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
                "indexes": [models.Index(fields=["platform", "state", "-id"], name="pricing_ref_platfor_481842_idx")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("price__gt", 0)), name="a_reference_price_is_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["COLLECTED", "PUBLISHED", "CONFIRMED", "OPPOSED", "DROPPED", "LAPSED"])
                        ),
                        name="reference_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "CONFIRMED"), models.Q(("valid_from", None), ("valid_to", None)), _connector="XOR"
                        ),
                        name="a_confirmed_reference_price_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["COLLECTED", "DROPPED"]), ("publication__isnull", False), _connector="OR"
                        ),
                        name="a_published_reference_price_has_its_publication",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "CONFIRMED"), ("valid_to", None)),
                        fields=("region", "price_group"),
                        name="one_current_reference_price",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["COLLECTED", "PUBLISHED"])),
                        fields=("region", "price_group"),
                        name="one_reference_under_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("collected_by_id__isnull", True), ("collected_by_kind__isnull", True)),
                            models.Q(
                                ("collected_by_id__gte", 0),
                                ("collected_by_id__isnull", False),
                                ("collected_by_kind__in", ["person", "token", "client", "system"]),
                                ("collected_by_kind__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="pricing_referenceprice_collected_by_is_whole",
                    ),
                ],
            },
        ),
        # What binds and what is under notice is public, and so is the price it was found at.
        wall.public_rows("pricing_referenceprice", writes=wall.OF_ITS_REGIONS),
        wall.keeps_to("pricing_referenceprice", REFERENCE),
        wall.public_rows("pricing_pricenotice", writes=wall.OF_ITS_REGIONS),
        wall.keeps_to("pricing_pricenotice", NOTICE),
        # An office reads those of its platforms: what was only collected is nobody else's.
        *(
            wall.replace(table, "sun_platform", wall.WRITE, dict.fromkeys(("select", "insert", "update"), OF_AN_OFFICE))
            for table in ("pricing_referenceprice", "pricing_pricenotice")
        ),
        keep_rows("pricing_referenceprice"),
    ]
