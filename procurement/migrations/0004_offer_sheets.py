import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_applications"),
        ("procurement", "0003_page_indexes"),
        ("tenancy", "0004_secrets"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfferSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("months", models.PositiveSmallIntegerField(default=12)),
                ("state", models.CharField(choices=[("OPEN", "编制中"), ("CLOSED", "已结束")], max_length=12)),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.BigIntegerField(null=True)),
                ("created_by_name", models.CharField(blank=True, max_length=60)),
                ("changed_at", models.DateTimeField()),
                ("sending_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "buyer",
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
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.region"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OfferSheetRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("product", models.CharField(blank=True, max_length=300)),
                ("quantity", models.CharField(blank=True, max_length=300)),
                ("price", models.CharField(blank=True, max_length=300)),
                ("remark", models.CharField(blank=True, max_length=300)),
                ("tried_at", models.DateTimeField(null=True)),
                ("answer", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ("changed_at", models.DateTimeField()),
                ("changed_by_id", models.BigIntegerField(null=True)),
                ("changed_by_name", models.CharField(blank=True, max_length=60)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "offer",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="procurement.offer"
                    ),
                ),
                (
                    "price_group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.pricegroup",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="procurement.offersheet"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="offersheet",
            index=models.Index(fields=["platform", "buyer", "-id"], name="procurement_platfor_f5ee46_idx"),
        ),
        migrations.AddConstraint(
            model_name="offersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["OPEN", "CLOSED"])), name="offer_sheet_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="offersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("state", "OPEN")),
                    models.Q(("closed_at__isnull", False), ("sending_at", None), ("state", "CLOSED")),
                    _connector="OR",
                ),
                name="a_closed_sheet_sends_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="offersheetrow",
            constraint=models.UniqueConstraint(fields=("sheet", "position"), name="a_position_once_in_a_sheet"),
        ),
        migrations.AddConstraint(
            model_name="offersheetrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 300)),
                name="a_sheet_holds_three_hundred_lines",
            ),
        ),
        migrations.AddConstraint(
            model_name="offersheetrow",
            constraint=models.CheckConstraint(
                condition=models.Q(("offer", None), ("answer", None), _connector="OR"),
                name="a_sent_line_has_no_refusal",
            ),
        ),
        # A hospital's drafts: nobody on the other side of the trade sees them.
        wall.party_rows("procurement_offersheet", ("buyer_id",)),
        wall.rows_of_parent("procurement_offersheetrow", "sheet_id", "procurement_offersheet"),
    ]
