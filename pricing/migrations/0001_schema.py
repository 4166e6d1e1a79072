import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sheets', '0001_schema'),
        ('catalog', '0001_schema'),
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('manufacturer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('state', models.CharField(choices=[('SUBMITTED', '待确认'), ('CONFIRMED', '已确认'), ('REJECTED', '已退回')], max_length=12)),
                ('commitment_version', models.CharField(max_length=12)),
                ('commitment_text', models.TextField()),
                ('commitment_sha256', models.CharField(max_length=64)),
                ('submitted_at', models.DateTimeField()),
                ('submitted_by_kind', models.CharField(max_length=6, null=True)),
                ('submitted_by_id', models.BigIntegerField(null=True)),
                ('submitted_for_person_id', models.BigIntegerField(null=True)),
                ('submitted_mandate_id', models.BigIntegerField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by_kind', models.CharField(max_length=6, null=True)),
                ('decided_by_id', models.BigIntegerField(null=True)),
                ('decided_for_person_id', models.BigIntegerField(null=True)),
                ('decided_mandate_id', models.BigIntegerField(null=True)),
                ('decision_note', models.CharField(blank=True, max_length=500)),
                ('import_run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sheets.importrun')),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'state', '-id'], name='pricing_dec_platfor_b21c8e_idx'), models.Index(fields=['manufacturer', '-id'], name='pricing_dec_manufac_47f07b_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['SUBMITTED', 'CONFIRMED', 'REJECTED'])), name='declaration_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'SUBMITTED')), models.Q(models.Q(('state', 'SUBMITTED'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='a_declaration_is_decided_when_it_leaves_submitted'), models.CheckConstraint(condition=models.Q(models.Q(('submitted_by_id__isnull', True), ('submitted_by_kind__isnull', True)), models.Q(('submitted_by_id__gte', 0), ('submitted_by_id__isnull', False), ('submitted_by_kind__in', ['person', 'token', 'client', 'system']), ('submitted_by_kind__isnull', False)), _connector='OR'), name='pricing_declaration_submitted_by_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by_id__isnull', True), ('decided_by_kind__isnull', True)), models.Q(('decided_by_id__gte', 0), ('decided_by_id__isnull', False), ('decided_by_kind__in', ['person', 'token', 'client', 'system']), ('decided_by_kind__isnull', False)), _connector='OR'), name='pricing_declaration_decided_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='DeclaredPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('declaration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pricing.declaration')),
                ('province', models.CharField(max_length=6)),
                ('platform_name', models.CharField(blank=True, max_length=100)),
                ('stated_price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('stated_unit', models.CharField(max_length=20)),
                ('factor', models.PositiveIntegerField(default=1)),
                ('price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('evidence', models.CharField(max_length=300)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('evidence', ''), _negated=True), name='a_declared_price_has_evidence'), models.CheckConstraint(condition=models.Q(('factor__gt', 0), ('price__gt', 0), ('stated_price__gt', 0)), name='a_declared_price_is_positive'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='a_declared_price_ends_after_it_begins'), models.UniqueConstraint(fields=('declaration', 'province'), name='a_province_once_in_a_declaration')],
            },
        ),
        migrations.CreateModel(
            name='FeedPosition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('sequence', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ListedPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('source', models.CharField(max_length=12)),
                ('source_number', models.CharField(blank=True, max_length=20)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('price__gt', 0)), name='a_listed_price_is_positive'), models.CheckConstraint(condition=models.Q(('source__in', ['LISTING', 'LINKAGE', 'AWARD'])), name='listed_price_source_is_known'), models.CheckConstraint(condition=models.Q(('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='a_listed_price_ends_after_it_begins'), models.UniqueConstraint(condition=models.Q(('valid_to', None)), fields=('region', 'price_group'), name='one_current_listed_price')],
            },
        ),
        migrations.CreateModel(
            name='NightlyRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('business_day', models.DateField()),
                ('known_until', models.DateTimeField()),
                ('is_full', models.BooleanField()),
                ('reach', models.CharField(max_length=12)),
                ('law_sha256', models.CharField(max_length=64)),
                ('twin_versions', models.JSONField()),
                ('price_groups', models.PositiveIntegerField()),
                ('rows_written', models.PositiveIntegerField(default=0)),
                ('zones', models.JSONField(default=dict)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['region', '-id'], name='pricing_nig_region__8fcb25_idx')],
                'constraints': [models.UniqueConstraint(fields=('platform', 'region', 'business_day', 'known_until', 'is_full'), name='a_nightly_run_runs_once'), models.CheckConstraint(condition=models.Q(('reach__in', ['CHANGED', 'ASKED', 'FIRST', 'LAW'])), name='nightly_reach_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('digest', ''), ('finished_at', None)), models.Q(('finished_at__isnull', False), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='a_finished_run_has_its_digest')],
            },
        ),
        migrations.CreateModel(
            name='NightlyChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pricing.nightlyrun')),
                ('number', models.PositiveIntegerField()),
                ('price_group_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('rows_written', models.PositiveIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='a_chunk_once_in_a_run'), models.CheckConstraint(condition=models.Q(models.Q(('digest', ''), ('done_at', None)), models.Q(('done_at__isnull', False), models.Q(('digest', ''), _negated=True)), _connector='OR'), name='a_done_chunk_has_its_digest')],
            },
        ),
        migrations.CreateModel(
            name='PriceDistribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('business_day', models.DateField()),
                ('known_until', models.DateTimeField()),
                ('institutions', models.PositiveIntegerField()),
                ('deals', models.PositiveIntegerField()),
                ('bands', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('published_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('region', 'price_group', 'business_day'), name='price_distribution_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='PriceInformation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('business_day', models.DateField()),
                ('known_until', models.DateTimeField()),
                ('alert_line', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ('alert_source', models.CharField(max_length=10)),
                ('provinces_lowest', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ('city_highest', models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ('alert_answer', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('statistics', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('segments', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('published_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('region', 'price_group', 'business_day'), name='price_information_once_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('alert_line', None), ('alert_source', 'none')), models.Q(models.Q(('alert_source', 'none'), _negated=True), ('alert_line__isnull', False)), _connector='OR'), name='an_alert_line_has_its_source')],
            },
        ),
        migrations.CreateModel(
            name='PricePublication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('business_day', models.DateField()),
                ('known_until', models.DateTimeField()),
                ('price_groups', models.PositiveIntegerField()),
                ('rows_written', models.PositiveIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['region', '-id'], name='pricing_pri_region__1652c1_idx')],
            },
        ),
        migrations.CreateModel(
            name='ProvincePrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('province', models.CharField(max_length=6)),
                ('price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(null=True)),
                ('declared_price', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='pricing.declaredprice')),
                ('confirmed_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('region', 'price_group', 'province'), name='one_current_province_price')],
            },
        ),
        migrations.CreateModel(
            name='CodeChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('national_code', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.nationalcode')),
                ('sequence', models.BigIntegerField()),
                ('is_gone', models.BooleanField()),
                ('facts', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'sequence', 'national_code'], name='pricing_cod_platfor_794357_idx')],
                'constraints': [models.UniqueConstraint(fields=('platform', 'national_code'), name='a_code_stands_once_in_a_feed')],
            },
        ),
        migrations.CreateModel(
            name='DealFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('region', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('buyer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('distributor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('national_code', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.nationalcode')),
                ('order_line_number', models.CharField(max_length=20, unique=True)),
                ('hospital_level', models.CharField(max_length=10)),
                ('is_public', models.BooleanField()),
                ('is_gift', models.BooleanField(default=False)),
                ('price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('net_quantity', models.DecimalField(decimal_places=3, default=0, max_digits=14)),
                ('occurred_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('excluded_at', models.DateTimeField(null=True)),
                ('exclusion_reason', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['price_group', 'region', 'occurred_on'], name='pricing_dea_price_g_117f7c_idx'), models.Index(fields=['region', 'changed_at'], name='pricing_dea_region__90b9e4_idx'), models.Index(fields=['region', 'occurred_on'], name='pricing_dea_region__8f564f_idx'), models.Index(fields=['platform', '-id'], name='pricing_dea_platfor_0c94da_idx'), models.Index(fields=['platform', 'region', '-id'], name='pricing_dea_platfor_b18fcd_idx'), models.Index(fields=['platform', 'buyer', '-id'], include=['seller', 'distributor'], name='dealfact_by_buyer'), models.Index(fields=['platform', 'seller', '-id'], include=['buyer', 'distributor'], name='dealfact_by_seller'), models.Index(fields=['platform', 'distributor', '-id'], include=['buyer', 'seller'], name='dealfact_by_distributor')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='a_deal_has_a_quantity'), models.CheckConstraint(condition=models.Q(('net_quantity__gte', 0), ('net_quantity__lte', models.F('quantity'))), name='net_quantity_within_quantity'), models.CheckConstraint(condition=models.Q(('price__gt', 0), models.Q(('is_gift', True), ('price', 0)), _connector='OR'), name='only_a_gift_is_free'), models.CheckConstraint(condition=models.Q(('excluded_at', None), models.Q(('exclusion_reason', ''), _negated=True), _connector='OR'), name='an_exclusion_has_a_reason')],
            },
        ),
    ]
