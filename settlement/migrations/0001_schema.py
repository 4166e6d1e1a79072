import django.core.serializers.json
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from sunlight.scope.together import CreateTogether


class Migration(migrations.Migration):
    replaces = [("settlement", "0001_initial"), ("settlement", "0003_page_indexes")]

    initial = True

    dependencies = [
        ("blocks", "0001_schema"),
        ("procurement", "0001_schema"),
        ("tenancy", "0001_schema"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("BANK", "监管账户银行存款"),
                                    ("DEPOSIT", "医院预存款"),
                                    ("CLEARING", "应付划拨款"),
                                    ("UNIDENTIFIED", "待认领款"),
                                ],
                                max_length=14,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["BANK", "DEPOSIT", "CLEARING", "UNIDENTIFIED"])),
                                name="account_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind__in", ["BANK", "UNIDENTIFIED"]), ("organisation", None)),
                                    models.Q(("kind__in", ["DEPOSIT", "CLEARING"]), ("organisation__isnull", False)),
                                    _connector="OR",
                                ),
                                name="an_account_of_a_party_names_it",
                            ),
                            models.UniqueConstraint(
                                fields=("platform", "kind", "organisation"),
                                name="one_account_of_a_kind",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Balance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "account",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="settlement.account"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("BANK", "监管账户银行存款"),
                                    ("DEPOSIT", "医院预存款"),
                                    ("CLEARING", "应付划拨款"),
                                    ("UNIDENTIFIED", "待认领款"),
                                ],
                                max_length=14,
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        ("debit_fen", models.BigIntegerField(default=0)),
                        ("credit_fen", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("credit_fen__gte", 0), ("debit_fen__gte", 0)),
                                name="totals_only_grow_from_zero",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("debit_fen__gte", models.F("credit_fen")), ("kind", "BANK")),
                                    models.Q(
                                        models.Q(("kind", "BANK"), _negated=True),
                                        ("credit_fen__gte", models.F("debit_fen")),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_account_never_falls_below_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankStatement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                            ),
                        ),
                        (
                            "import_run",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="blocks.importrun"
                            ),
                        ),
                        ("account_number", models.CharField(max_length=40)),
                        ("statement_number", models.CharField(max_length=40)),
                        ("from_date", models.DateField()),
                        ("to_date", models.DateField()),
                        ("opening_fen", models.BigIntegerField()),
                        ("closing_fen", models.BigIntegerField()),
                        ("line_count", models.PositiveIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        ("taken_at", models.DateTimeField()),
                        ("taken_by_kind", models.CharField(max_length=6, null=True)),
                        ("taken_by_id", models.BigIntegerField(null=True)),
                        ("taken_for_person_id", models.BigIntegerField(null=True)),
                        ("taken_mandate_id", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("platform", "account_number", "statement_number"),
                                name="a_bank_statement_is_taken_once",
                            ),
                            models.UniqueConstraint(
                                fields=("platform", "sha256"), name="a_bank_statement_file_is_taken_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("taken_by_id__isnull", True), ("taken_by_kind__isnull", True)),
                                    models.Q(
                                        ("taken_by_id__gte", 0),
                                        ("taken_by_id__isnull", False),
                                        ("taken_by_kind__in", ["person", "token", "client", "system"]),
                                        ("taken_by_kind__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="settlement_bankstatement_taken_by_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=20, unique=True)),
                        (
                            "platform",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                            ),
                        ),
                        ("source", models.CharField(max_length=80)),
                        ("purpose", models.CharField(max_length=40)),
                        ("occurred_on", models.DateField()),
                        ("recorded_at", models.DateTimeField()),
                        ("memo", models.CharField(blank=True, max_length=300)),
                        (
                            "reverses",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="settlement.entry",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["platform", "-id"], name="settlement__platfor_c5db0e_idx")],
                        "constraints": [
                            models.UniqueConstraint(fields=("source", "purpose"), name="a_movement_happens_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.platform",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.region",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "distributor",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "issuer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation"
                            ),
                        ),
                        ("code", models.CharField(blank=True, max_length=20)),
                        ("number", models.CharField(max_length=20)),
                        ("issued_on", models.DateField()),
                        ("tax_rate", models.DecimalField(decimal_places=4, max_digits=5)),
                        ("net_fen", models.BigIntegerField()),
                        ("tax_fen", models.BigIntegerField()),
                        ("amount_fen", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("MATCHED", "已匹配"), ("MISMATCHED", "不一致"), ("VOIDED", "已作废")],
                                max_length=12,
                            ),
                        ),
                        (
                            "differences",
                            models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder),
                        ),
                        ("submitted_at", models.DateTimeField()),
                        ("submitted_by_kind", models.CharField(max_length=6, null=True)),
                        ("submitted_by_id", models.BigIntegerField(null=True)),
                        ("submitted_for_person_id", models.BigIntegerField(null=True)),
                        ("submitted_mandate_id", models.BigIntegerField(null=True)),
                        ("voided_at", models.DateTimeField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["platform", "-id"], name="settlement__platfor_23e325_idx"),
                            models.Index(fields=["platform", "region", "-id"], name="settlement__platfor_837e45_idx"),
                            models.Index(fields=["platform", "buyer", "-id"], name="settlement__platfor_5fce3d_idx"),
                            models.Index(fields=["platform", "seller", "-id"], name="settlement__platfor_07f1f3_idx"),
                            models.Index(
                                fields=["platform", "distributor", "-id"], name="settlement__platfor_781d28_idx"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["MATCHED", "MISMATCHED", "VOIDED"])),
                                name="invoice_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount_fen",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("net_fen"), "+", models.F("tax_fen")
                                        ),
                                    )
                                ),
                                name="net_and_tax_make_the_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="an_invoice_has_an_amount"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "VOIDED"), _negated=True),
                                fields=("platform", "issuer", "code", "number"),
                                name="an_invoice_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("submitted_by_id__isnull", True), ("submitted_by_kind__isnull", True)),
                                    models.Q(
                                        ("submitted_by_id__gte", 0),
                                        ("submitted_by_id__isnull", False),
                                        ("submitted_by_kind__in", ["person", "token", "client", "system"]),
                                        ("submitted_by_kind__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="settlement_invoice_submitted_by_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="settlement.invoice",
                            ),
                        ),
                        ("line_no", models.PositiveIntegerField()),
                        (
                            "acceptance_line",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="procurement.acceptanceline",
                            ),
                        ),
                        ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
                        ("price", models.DecimalField(decimal_places=4, max_digits=14)),
                        ("amount_fen", models.BigIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0), ("price__gt", 0), ("quantity__gt", 0)),
                                name="an_invoice_line_is_positive",
                            ),
                            models.UniqueConstraint(fields=("invoice", "line_no"), name="an_invoice_line_number_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Leg",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="settlement.entry"
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="settlement.account"
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        ("side", models.CharField(max_length=6)),
                        ("amount_fen", models.BigIntegerField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["account", "-id"], name="settlement__account_a1f0c2_idx")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="a_leg_moves_something"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("side__in", ["DEBIT", "CREDIT"])), name="a_leg_has_a_side"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payable",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.platform",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.region",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "distributor",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "invoice",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="settlement.invoice"
                            ),
                        ),
                        (
                            "payee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation"
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField()),
                        ("accepted_on", models.DateField()),
                        ("arrived_on", models.DateField()),
                        ("due_on", models.DateField(null=True)),
                        ("due_clause", models.CharField(blank=True, max_length=30)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("OPEN", "待付款"),
                                    ("IN_RUN", "付款中"),
                                    ("PAID", "已付款"),
                                    ("CANCELLED", "已取消"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("paid_at", models.DateTimeField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["platform", "-id"], name="settlement__platfor_0c80b8_idx"),
                            models.Index(fields=["platform", "region", "-id"], name="settlement__platfor_f4f821_idx"),
                            models.Index(fields=["platform", "buyer", "-id"], name="settlement__platfor_1cb874_idx"),
                            models.Index(fields=["platform", "seller", "-id"], name="settlement__platfor_37bf19_idx"),
                            models.Index(
                                fields=["platform", "distributor", "-id"], name="settlement__platfor_b2b65b_idx"
                            ),
                            models.Index(fields=["buyer", "state", "due_on"], name="settlement__buyer_i_5a95bf_idx"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["OPEN", "IN_RUN", "PAID", "CANCELLED"])),
                                name="payable_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="a_payable_has_an_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("paid_at__isnull", False), ("state", "PAID")),
                                    models.Q(models.Q(("state", "PAID"), _negated=True), ("paid_at", None)),
                                    _connector="OR",
                                ),
                                name="a_paid_payable_has_its_moment",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.CharField(max_length=20, unique=True)),
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
                        (
                            "buyer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PREPARED", "待复核"),
                                    ("APPROVED", "已复核"),
                                    ("DONE", "已完成"),
                                    ("REJECTED", "已驳回"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("total_fen", models.BigIntegerField()),
                        ("payment_count", models.PositiveIntegerField()),
                        ("prepared_at", models.DateTimeField()),
                        ("prepared_by_kind", models.CharField(max_length=6, null=True)),
                        ("prepared_by_id", models.BigIntegerField(null=True)),
                        ("prepared_for_person_id", models.BigIntegerField(null=True)),
                        ("prepared_mandate_id", models.BigIntegerField(null=True)),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decided_by_kind", models.CharField(max_length=6, null=True)),
                        ("decided_by_id", models.BigIntegerField(null=True)),
                        ("decided_for_person_id", models.BigIntegerField(null=True)),
                        ("decided_mandate_id", models.BigIntegerField(null=True)),
                        ("decision_note", models.CharField(blank=True, max_length=300)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["buyer", "-id"], name="settlement__buyer_i_60eb08_idx")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["PREPARED", "APPROVED", "DONE", "REJECTED"])),
                                name="payment_run_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by_id", None),
                                    ("state", "REJECTED"),
                                    models.Q(
                                        ("decided_by_id", models.F("prepared_by_id")),
                                        ("decided_by_kind", models.F("prepared_by_kind")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="nobody_approves_an_own_payment_run",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("payment_count__gt", 0), ("total_fen__gt", 0)),
                                name="a_payment_run_pays_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("prepared_by_id__isnull", True), ("prepared_by_kind__isnull", True)),
                                    models.Q(
                                        ("prepared_by_id__gte", 0),
                                        ("prepared_by_id__isnull", False),
                                        ("prepared_by_kind__in", ["person", "token", "client", "system"]),
                                        ("prepared_by_kind__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="settlement_paymentrun_prepared_by_is_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_by_id__isnull", True), ("decided_by_kind__isnull", True)),
                                    models.Q(
                                        ("decided_by_id__gte", 0),
                                        ("decided_by_id__isnull", False),
                                        ("decided_by_kind__in", ["person", "token", "client", "system"]),
                                        ("decided_by_kind__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="settlement_paymentrun_decided_by_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.platform",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.region",
                            ),
                        ),
                        (
                            "buyer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "distributor",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        ("number", models.CharField(max_length=20, unique=True)),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payments",
                                to="settlement.paymentrun",
                            ),
                        ),
                        (
                            "payable",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="settlement.payable"
                            ),
                        ),
                        (
                            "payee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.organisation"
                            ),
                        ),
                        ("payee_account_name", models.CharField(max_length=200)),
                        ("payee_bank_name", models.CharField(max_length=120)),
                        ("payee_account_number", models.CharField(max_length=40)),
                        ("amount_fen", models.BigIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PENDING", "待划拨"),
                                    ("PAID", "已划拨"),
                                    ("SETTLED", "银行已到账"),
                                    ("CANCELLED", "已取消"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="settlement.entry",
                            ),
                        ),
                        ("paid_at", models.DateTimeField(null=True)),
                        ("settled_on", models.DateField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["platform", "-id"], name="settlement__platfor_448007_idx"),
                            models.Index(fields=["platform", "region", "-id"], name="settlement__platfor_64c3ed_idx"),
                            models.Index(fields=["platform", "buyer", "-id"], name="settlement__platfor_780285_idx"),
                            models.Index(fields=["platform", "seller", "-id"], name="settlement__platfor_b9bb4b_idx"),
                            models.Index(
                                fields=["platform", "distributor", "-id"], name="settlement__platfor_d0fad4_idx"
                            ),
                            models.Index(fields=["run", "state"], name="settlement__run_id_098895_idx"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["PENDING", "PAID", "SETTLED", "CANCELLED"])),
                                name="payment_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="a_payment_has_an_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("entry__isnull", False),
                                        ("paid_at__isnull", False),
                                        ("state__in", ["PAID", "SETTLED"]),
                                    ),
                                    models.Q(("state__in", ["PENDING", "CANCELLED"]), ("paid_at", None)),
                                    _connector="OR",
                                ),
                                name="a_paid_payment_has_moment_and_entry",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "CANCELLED"), _negated=True),
                                fields=("payable",),
                                name="a_payable_is_paid_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StatementLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "statement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="settlement.bankstatement",
                            ),
                        ),
                        (
                            "platform",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.platform"
                            ),
                        ),
                        ("bank_serial", models.CharField(max_length=60)),
                        ("booked_on", models.DateField()),
                        ("direction", models.CharField(max_length=6)),
                        ("amount_fen", models.BigIntegerField()),
                        ("balance_fen", models.BigIntegerField()),
                        ("counterparty_name", models.CharField(blank=True, max_length=200)),
                        ("counterparty_account", models.CharField(blank=True, max_length=40)),
                        ("reference", models.CharField(blank=True, max_length=200)),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="tenancy.organisation",
                            ),
                        ),
                        (
                            "payment",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="settlement.payment",
                            ),
                        ),
                        (
                            "entry",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="settlement.entry",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("IDENTIFIED", "已识别"), ("UNIDENTIFIED", "待认领"), ("ASSIGNED", "已认领")],
                                max_length=14,
                            ),
                        ),
                        ("finding", models.CharField(blank=True, max_length=200)),
                        ("assigned_at", models.DateTimeField(null=True)),
                        ("assigned_by_kind", models.CharField(max_length=6, null=True)),
                        ("assigned_by_id", models.BigIntegerField(null=True)),
                        ("assigned_for_person_id", models.BigIntegerField(null=True)),
                        ("assigned_mandate_id", models.BigIntegerField(null=True)),
                        ("assign_reason", models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["platform", "state", "-id"], name="settlement__platfor_eb52d2_idx")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["IDENTIFIED", "UNIDENTIFIED", "ASSIGNED"])),
                                name="statement_line_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("organisation", None), ("payment", None), ("state", "UNIDENTIFIED")),
                                    models.Q(
                                        models.Q(("state", "UNIDENTIFIED"), _negated=True),
                                        ("entry__isnull", False),
                                        models.Q(
                                            ("organisation__isnull", False), ("payment__isnull", False), _connector="OR"
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_identified_booking_says_whose",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("assigned_at__isnull", False),
                                        ("state", "ASSIGNED"),
                                        models.Q(("assign_reason", ""), _negated=True),
                                    ),
                                    models.Q(models.Q(("state", "ASSIGNED"), _negated=True), ("assigned_at", None)),
                                    _connector="OR",
                                ),
                                name="an_assignment_has_moment_and_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="a_booking_has_an_amount"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("direction__in", ["CREDIT", "DEBIT"])),
                                name="a_booking_has_a_direction",
                            ),
                            models.UniqueConstraint(fields=("platform", "bank_serial"), name="a_booking_is_taken_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("assigned_by_id__isnull", True), ("assigned_by_kind__isnull", True)),
                                    models.Q(
                                        ("assigned_by_id__gte", 0),
                                        ("assigned_by_id__isnull", False),
                                        ("assigned_by_kind__in", ["person", "token", "client", "system"]),
                                        ("assigned_by_kind__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="settlement_statementline_assigned_by_is_whole",
                            ),
                        ],
                    },
                ),
            ]
        )
    ]
