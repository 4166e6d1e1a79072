import django.db.models.deletion
from django.db import migrations, models

import catalog.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=200, unique=True)),
                ('holder_name', models.CharField(max_length=300)),
                ('product_name', models.CharField(max_length=500)),
                ('valid_from', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='NationalCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=27, unique=True)),
                ('generic_code', models.CharField(blank=True, max_length=20)),
                ('kind', models.CharField(max_length=12)),
                ('is_retired', models.BooleanField(default=False)),
                ('replaced_by', models.CharField(blank=True, max_length=27)),
                ('goods_id', models.CharField(blank=True, max_length=40)),
                ('udi_di', models.CharField(blank=True, max_length=60)),
                ('category_1', models.CharField(blank=True, max_length=60)),
                ('category_2', models.CharField(blank=True, max_length=60)),
                ('category_3', models.CharField(blank=True, max_length=60)),
                ('common_name_class', models.CharField(blank=True, max_length=80)),
                ('common_name_code', models.CharField(blank=True, max_length=40)),
                ('common_name', models.CharField(blank=True, max_length=200)),
                ('material', models.CharField(blank=True, max_length=80)),
                ('feature', models.CharField(blank=True, max_length=120)),
                ('registration_number', models.CharField(blank=True, max_length=200)),
                ('product_name', models.CharField(max_length=500)),
                ('producer_name', models.CharField(max_length=300)),
                ('specification', models.TextField(blank=True)),
                ('model', models.TextField(blank=True)),
                ('search_text', models.TextField(blank=True)),
                ('initials', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['registration_number'], name='catalog_nat_registr_2d3b15_idx'), models.Index(fields=['producer_name'], name='catalog_nat_produce_15e901_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code__regex', '^C\\d{26}$'), ('kind', 'consumable')), models.Q(('code__regex', '^CJ[0-9A-Z]{20}$'), ('kind', 'reagent')), _connector='OR'), name='a_national_code_is_full')],
            },
        ),
        migrations.CreateModel(
            name='CertificateUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.certificate')),
                ('generic_code', models.CharField(max_length=22)),
                ('unit', models.CharField(max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('certificate', 'generic_code'), name='a_certificate_and_code_has_one_unit')],
            },
        ),
        migrations.CreateModel(
            name='PriceGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('manufacturer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.certificate')),
                ('generic_code', models.CharField(max_length=22)),
                ('name', models.CharField(max_length=300)),
                ('variant', models.CharField(blank=True, default='', max_length=60)),
                ('pricing_unit', models.CharField(max_length=20)),
                ('initials', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('manufacturer', 'certificate', 'generic_code', 'pricing_unit', 'variant'), name='one_price_group_per_certificate_code_unit_and_variant')],
            },
        ),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('name', models.CharField(max_length=20)),
                ('factor', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('price_group', 'name'), name='a_pack_name_once_in_a_price_group'), models.CheckConstraint(condition=models.Q(('factor__gt', 0)), name='a_pack_holds_something')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('price_group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.pricegroup')),
                ('manufacturer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('state', models.CharField(choices=[('DRAFT', '草稿'), ('SUBMITTED', '待审核'), ('ENDORSED', '待复审'), ('PUBLICISED', '公示中'), ('REJECTED', '已退回'), ('LISTED', '已挂网'), ('SUSPENDED', '暂停挂网'), ('DELISTED', '已撤网'), ('JOINED', '已并入')], default=catalog.workflows.ListingState['DRAFT'], max_length=12)),
                ('declared_price', models.DecimalField(decimal_places=4, max_digits=14)),
                ('price_reason', models.CharField(blank=True, default='', max_length=500)),
                ('joined', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.listing')),
                ('commitment_text', models.TextField(blank=True)),
                ('commitment_sha256', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField()),
                ('created_by_kind', models.CharField(max_length=6, null=True)),
                ('created_by_id', models.BigIntegerField(null=True)),
                ('created_for_person_id', models.BigIntegerField(null=True)),
                ('created_mandate_id', models.BigIntegerField(null=True)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('submitted_by_kind', models.CharField(max_length=6, null=True)),
                ('submitted_by_id', models.BigIntegerField(null=True)),
                ('submitted_for_person_id', models.BigIntegerField(null=True)),
                ('submitted_mandate_id', models.BigIntegerField(null=True)),
                ('endorsed_at', models.DateTimeField(null=True)),
                ('endorsed_by_kind', models.CharField(max_length=6, null=True)),
                ('endorsed_by_id', models.BigIntegerField(null=True)),
                ('endorsed_for_person_id', models.BigIntegerField(null=True)),
                ('endorsed_mandate_id', models.BigIntegerField(null=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reviewed_by_kind', models.CharField(max_length=6, null=True)),
                ('reviewed_by_id', models.BigIntegerField(null=True)),
                ('reviewed_for_person_id', models.BigIntegerField(null=True)),
                ('reviewed_mandate_id', models.BigIntegerField(null=True)),
                ('review_note', models.CharField(blank=True, max_length=500)),
                ('listed_on', models.DateField(null=True)),
                ('ended_on', models.DateField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=500)),
                ('last_delivered_on', models.DateField(null=True)),
                ('last_sold_on', models.DateField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'state', '-id'], name='catalog_lis_platfor_0f0891_idx'), models.Index(fields=['manufacturer', '-id'], name='catalog_lis_manufac_d58672_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'SUBMITTED', 'ENDORSED', 'PUBLICISED', 'REJECTED', 'LISTED', 'SUSPENDED', 'DELISTED', 'JOINED'])), name='listing_state_is_known'), models.CheckConstraint(condition=models.Q(('declared_price__gt', 0)), name='a_listing_has_a_price'), models.CheckConstraint(condition=models.Q(('state', 'DRAFT'), models.Q(('submitted_at__isnull', False), models.Q(('commitment_sha256', ''), _negated=True)), _connector='OR'), name='a_submitted_listing_carries_its_commitment'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['LISTED', 'SUSPENDED', 'DELISTED']), _negated=True), ('listed_on__isnull', False), _connector='OR'), name='a_listed_listing_has_its_day'), models.UniqueConstraint(condition=models.Q(('state__in', ['PUBLICISED', 'LISTED', 'SUSPENDED'])), fields=('price_group', 'region'), name='a_price_group_is_listed_once_in_a_region'), models.CheckConstraint(condition=models.Q(models.Q(('joined__isnull', False), ('state', 'JOINED')), models.Q(models.Q(('state', 'JOINED'), _negated=True), ('joined', None)), _connector='OR'), name='only_a_joined_application_names_its_listing'), models.CheckConstraint(condition=models.Q(('endorsed_by_id', None), ('reviewed_by_id', None), ('state', 'REJECTED'), models.Q(models.Q(('endorsed_by_id', models.F('reviewed_by_id')), ('endorsed_by_kind', models.F('reviewed_by_kind'))), ('endorsed_for_person_id', models.F('reviewed_for_person_id')), _connector='OR', _negated=True), _connector='OR'), name='nobody_confirms_what_they_endorsed'), models.CheckConstraint(condition=models.Q(models.Q(('created_by_id__isnull', True), ('created_by_kind__isnull', True)), models.Q(('created_by_id__gte', 0), ('created_by_id__isnull', False), ('created_by_kind__in', ['person', 'token', 'client', 'system']), ('created_by_kind__isnull', False)), _connector='OR'), name='catalog_listing_created_by_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('submitted_by_id__isnull', True), ('submitted_by_kind__isnull', True)), models.Q(('submitted_by_id__gte', 0), ('submitted_by_id__isnull', False), ('submitted_by_kind__in', ['person', 'token', 'client', 'system']), ('submitted_by_kind__isnull', False)), _connector='OR'), name='catalog_listing_submitted_by_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('endorsed_by_id__isnull', True), ('endorsed_by_kind__isnull', True)), models.Q(('endorsed_by_id__gte', 0), ('endorsed_by_id__isnull', False), ('endorsed_by_kind__in', ['person', 'token', 'client', 'system']), ('endorsed_by_kind__isnull', False)), _connector='OR'), name='catalog_listing_endorsed_by_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_by_id__isnull', True), ('reviewed_by_kind__isnull', True)), models.Q(('reviewed_by_id__gte', 0), ('reviewed_by_id__isnull', False), ('reviewed_by_kind__in', ['person', 'token', 'client', 'system']), ('reviewed_by_kind__isnull', False)), _connector='OR'), name='catalog_listing_reviewed_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='StagedCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('run_id', models.BigIntegerField()),
                ('chunk', models.IntegerField()),
                ('verdict', models.SmallIntegerField(default=0)),
                ('row_number', models.IntegerField()),
                ('is_retired', models.BooleanField()),
                ('old_code', models.TextField()),
                ('code', models.TextField()),
                ('generic_code', models.TextField(default='')),
                ('kind', models.TextField(default='')),
                ('goods_id', models.TextField(default='')),
                ('udi_di', models.TextField(default='')),
                ('category_1', models.TextField(default='')),
                ('category_2', models.TextField(default='')),
                ('category_3', models.TextField(default='')),
                ('common_name_class', models.TextField(default='')),
                ('common_name_code', models.TextField(default='')),
                ('common_name', models.TextField(default='')),
                ('material', models.TextField(default='')),
                ('feature', models.TextField(default='')),
                ('registration_number', models.TextField(default='')),
                ('product_name', models.TextField(default='')),
                ('producer_name', models.TextField(default='')),
                ('specification', models.TextField(default='')),
                ('model', models.TextField(default='')),
                ('search_text', models.TextField(default='')),
                ('initials', models.TextField(default='')),
            ],
            options={
                'indexes': [models.Index(fields=['run_id', 'chunk'], name='catalog_sta_run_id_73fa8e_idx')],
            },
        ),
        migrations.CreateModel(
            name='ListedSpecification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.listing')),
                ('national_code', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.nationalcode')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('listing', 'national_code'), name='a_specification_once_in_a_listing')],
            },
        ),
        migrations.CreateModel(
            name='PlatformListing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('listing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.listing')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('opened_on', models.DateField()),
                ('closed_on', models.DateField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_on', None)), fields=('listing', 'platform'), name='a_listing_is_open_once_on_a_platform')],
            },
        ),
    ]
