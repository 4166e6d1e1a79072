import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import sunlight.tenancy.workflows
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('email', models.CharField(blank=True, max_length=120)),
                ('is_active', models.BooleanField(default=True)),
                ('is_demo', models.BooleanField(default=False)),
                ('password_set_at', models.DateTimeField(null=True)),
                ('must_change_password', models.BooleanField(default=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.person')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('user_id', models.BigIntegerField(db_index=True, null=True)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('address', models.CharField(blank=True, max_length=64)),
                ('agent', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LoginRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=60)),
                ('user_id', models.BigIntegerField(null=True)),
                ('organisation_id', models.BigIntegerField(null=True)),
                ('succeeded', models.BooleanField()),
                ('locked', models.BooleanField(default=False)),
                ('awaits_factor', models.BooleanField(default=False)),
                ('address', models.CharField(max_length=64)),
                ('agent', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['username', '-at'], name='tenancy_log_usernam_043818_idx'), models.Index(fields=['address', '-at'], name='tenancy_log_address_76017d_idx')],
            },
        ),
        migrations.CreateModel(
            name='PastPassword',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hash', models.CharField(max_length=128)),
                ('replaced_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
            ],
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('HOSPITAL', 'HOSPITAL'), ('SUPPLIER', 'SUPPLIER'), ('OPERATOR', 'OPERATOR'), ('REGULATOR', 'REGULATOR'), ('PLATFORM', 'PLATFORM')], max_length=12)),
                ('name', models.CharField(max_length=200)),
                ('name_initials', models.CharField(blank=True, db_index=True, max_length=200)),
                ('credit_code', models.CharField(max_length=18, unique=True)),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('hospital_code', models.CharField(blank=True, max_length=12)),
                ('area_code', models.CharField(blank=True, max_length=6)),
                ('level', models.CharField(blank=True, choices=[('tertiary', '三级'), ('secondary', '二级'), ('primary', '一级'), ('unrated', '未定级')], max_length=10)),
                ('ownership', models.CharField(blank=True, choices=[('government', '政府办'), ('state_enterprise', '国有企业办'), ('non_profit', '非营利'), ('military', '军队'), ('private', '社会办')], max_length=20)),
                ('is_public', models.BooleanField(default=False)),
                ('is_manufacturer', models.BooleanField(default=False)),
                ('is_distributor', models.BooleanField(default=False)),
                ('authority', models.CharField(blank=True, max_length=12)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'HOSPITAL'), _negated=True), models.Q(('level', ''), _negated=True), _connector='OR'), name='a_hospital_has_a_level'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'SUPPLIER'), _negated=True), ('is_manufacturer', True), ('is_distributor', True), _connector='OR'), name='a_supplier_makes_or_distributes'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'REGULATOR'), _negated=True), models.Q(('authority', ''), _negated=True), _connector='OR'), name='a_regulator_names_its_authority')],
            },
        ),
        migrations.CreateModel(
            name='Platform',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('drafts', models.CharField(default='binding', max_length=8)),
                ('is_open', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('drafts__in', ['binding', 'warn'])), name='drafts_bind_or_warn')],
            },
        ),
        migrations.CreateModel(
            name='OAuthClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('name', models.CharField(max_length=80)),
                ('client_id', models.CharField(max_length=40, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('created_at', models.DateTimeField()),
                ('created_by_kind', models.CharField(max_length=6, null=True)),
                ('created_by_id', models.BigIntegerField(null=True)),
                ('created_for_person_id', models.BigIntegerField(null=True)),
                ('created_mandate_id', models.BigIntegerField(null=True)),
                ('disabled_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('created_by_id__isnull', True), ('created_by_kind__isnull', True)), models.Q(('created_by_id__gte', 0), ('created_by_id__isnull', False), ('created_by_kind__in', ['person', 'token', 'client', 'system']), ('created_by_kind__isnull', False)), _connector='OR'), name='tenancy_oauthclient_created_by_is_whole')],
                'indexes': [models.Index(fields=['organisation', 'platform', '-id'], name='tenancy_oau_organis_8c6ddd_idx')],
            },
        ),
        migrations.CreateModel(
            name='OAuthSecret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='tenancy.oauthclient')),
                ('secret_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('HOSPITAL_REQUESTER', 'HOSPITAL_REQUESTER'), ('HOSPITAL_BUYER', 'HOSPITAL_BUYER'), ('HOSPITAL_APPROVER', 'HOSPITAL_APPROVER'), ('HOSPITAL_RECEIVER', 'HOSPITAL_RECEIVER'), ('HOSPITAL_FINANCE', 'HOSPITAL_FINANCE'), ('HOSPITAL_AUDITOR', 'HOSPITAL_AUDITOR'), ('HOSPITAL_ADMIN', 'HOSPITAL_ADMIN'), ('SUPPLIER_LISTER', 'SUPPLIER_LISTER'), ('SUPPLIER_SELLER', 'SUPPLIER_SELLER'), ('SUPPLIER_SHIPPER', 'SUPPLIER_SHIPPER'), ('SUPPLIER_FINANCE', 'SUPPLIER_FINANCE'), ('SUPPLIER_ADMIN', 'SUPPLIER_ADMIN'), ('OPERATOR_REVIEWER', 'OPERATOR_REVIEWER'), ('OPERATOR_CONFIRMER', 'OPERATOR_CONFIRMER'), ('OPERATOR_SETTLER', 'OPERATOR_SETTLER'), ('OPERATOR_SUPPORT', 'OPERATOR_SUPPORT'), ('REGULATOR_OFFICER', 'REGULATOR_OFFICER'), ('REGULATOR_CHIEF', 'REGULATOR_CHIEF'), ('REGULATOR_AUDITOR', 'REGULATOR_AUDITOR'), ('PLATFORM_SYSTEM_ADMIN', 'PLATFORM_SYSTEM_ADMIN'), ('PLATFORM_SECURITY_ADMIN', 'PLATFORM_SECURITY_ADMIN'), ('PLATFORM_AUDIT_ADMIN', 'PLATFORM_AUDIT_ADMIN'), ('SYSTEM', 'SYSTEM')], max_length=40), size=None)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'organisation', 'platform'), name='one_membership_each')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('name', models.CharField(max_length=60)),
                ('duty', models.CharField(blank=True, max_length=60)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('email', models.CharField(blank=True, max_length=120)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('declared_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('bank_name', models.CharField(max_length=120)),
                ('account_name', models.CharField(max_length=200)),
                ('account_number', models.CharField(max_length=40)),
                ('is_default', models.BooleanField(default=True)),
                ('declared_on', models.DateField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('platform', 'organisation'), name='one_default_bank_account')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('name', models.CharField(max_length=80)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='a_token_expires_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='ProducerName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('name', models.CharField(max_length=200)),
                ('is_agent', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'name'), name='a_producer_name_once')],
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('legal_representative', models.CharField(max_length=60)),
                ('legal_representative_id', models.CharField(blank=True, max_length=40)),
                ('registered_address', models.CharField(blank=True, max_length=300)),
                ('business_address', models.CharField(blank=True, max_length=300)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('email', models.CharField(blank=True, max_length=120)),
                ('declared_on', models.DateField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform', 'organisation', 'declared_on'), name='one_profile_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Registration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('registered_on', models.DateField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by_kind', models.CharField(max_length=6, null=True)),
                ('approved_by_id', models.BigIntegerField(null=True)),
                ('approved_for_person_id', models.BigIntegerField(null=True)),
                ('approved_mandate_id', models.BigIntegerField(null=True)),
                ('legacy_code', models.CharField(blank=True, max_length=20)),
                ('participation', models.CharField(blank=True, max_length=10)),
                ('participation_clause', models.CharField(blank=True, max_length=30)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform', 'organisation'), name='an_organisation_registers_once_on_a_platform'), models.CheckConstraint(condition=models.Q(models.Q(('approved_by_id__isnull', True), ('approved_by_kind__isnull', True)), models.Q(('approved_by_id__gte', 0), ('approved_by_id__isnull', False), ('approved_by_kind__in', ['person', 'token', 'client', 'system']), ('approved_by_kind__isnull', False)), _connector='OR'), name='tenancy_registration_approved_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Stake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('holder_name', models.CharField(max_length=200)),
                ('holder_code', models.CharField(blank=True, max_length=40)),
                ('share', models.DecimalField(decimal_places=3, max_digits=6, null=True)),
                ('is_controller', models.BooleanField(default=False)),
                ('declared_on', models.DateField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('share', None), models.Q(('share__gt', 0), ('share__lte', 100)), _connector='OR'), name='a_share_is_a_percentage')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_date', models.DateField()),
                ('source_kind', models.CharField(blank=True, max_length=40)),
                ('source_id', models.BigIntegerField(blank=True, null=True)),
                ('clause', models.CharField(max_length=30)),
                ('recorded_at', models.DateTimeField()),
                ('act', models.CharField(choices=[('LIST', '申报挂网'), ('BID', '参加集中采购报价'), ('BUY', '采购'), ('SELL', '销售'), ('DELIVER', '配送')], max_length=8)),
                ('price_group_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None)),
                ('to_date', models.DateField(blank=True, null=True)),
                ('reason', models.CharField(max_length=300)),
                ('lifted_on', models.DateField(blank=True, null=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lift_reason', models.CharField(blank=True, max_length=300)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('platform', None), ('region__isnull', False)), models.Q(('platform__isnull', False), ('region', None)), _connector='OR'), name='a_restriction_holds_on_a_platform_or_in_a_region'), models.CheckConstraint(condition=models.Q(models.Q(('source_id', None), ('source_kind', '')), models.Q(models.Q(('source_kind', ''), _negated=True), ('source_id__isnull', False)), _connector='OR'), name='a_restriction_names_its_source_in_full'), models.CheckConstraint(condition=models.Q(('clause', ''), _negated=True), name='a_restriction_names_its_clause'), models.CheckConstraint(condition=models.Q(('act__in', ['LIST', 'BID', 'BUY', 'SELL', 'DELIVER'])), name='a_restriction_bars_a_known_act'), models.CheckConstraint(condition=models.Q(('to_date', None), ('to_date__gte', models.F('from_date')), _connector='OR'), name='a_restriction_does_not_end_before_it_begins'), models.CheckConstraint(condition=models.Q(('price_group_ids', None), ('price_group_ids__len__gt', 0), _connector='OR'), name='a_restriction_of_price_groups_names_some'), models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at', None), ('lifted_on', None)), models.Q(('lifted_at__isnull', False), ('lifted_on__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='a_restriction_is_lifted_with_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_date', models.DateField()),
                ('source_kind', models.CharField(blank=True, max_length=40)),
                ('source_id', models.BigIntegerField(blank=True, null=True)),
                ('clause', models.CharField(max_length=30)),
                ('recorded_at', models.DateTimeField()),
                ('grade', models.CharField(max_length=20)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('platform', None), ('region__isnull', False)), models.Q(('platform__isnull', False), ('region', None)), _connector='OR'), name='a_standing_holds_on_a_platform_or_in_a_region'), models.CheckConstraint(condition=models.Q(models.Q(('source_id', None), ('source_kind', '')), models.Q(models.Q(('source_kind', ''), _negated=True), ('source_id__isnull', False)), _connector='OR'), name='a_standing_names_its_source_in_full'), models.CheckConstraint(condition=models.Q(('clause', ''), _negated=True), name='a_standing_names_its_clause'), models.CheckConstraint(condition=models.Q(('grade', ''), _negated=True), name='a_standing_has_a_grade')],
            },
        ),
        migrations.CreateModel(
            name='Factor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('totp', '动态口令'), ('passkey', '通行密钥'), ('certificate', '数字证书')], max_length=12)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('data', models.BinaryField(default=b'')),
                ('suite', models.CharField(blank=True, max_length=40)),
                ('identifier', models.CharField(blank=True, max_length=2048)),
                ('counter', models.BigIntegerField(default=0)),
                ('added_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['totp', 'passkey', 'certificate'])), name='factor_kind_is_known'), models.UniqueConstraint(condition=models.Q(('kind', 'totp')), fields=('user',), name='one_code_generator_each'), models.UniqueConstraint(condition=models.Q(('identifier', ''), _negated=True), fields=('kind', 'identifier'), name='a_key_belongs_to_one_person')],
            },
        ),
        migrations.CreateModel(
            name='OAuthToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.oauthclient')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('issued_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('issued_at'))), name='a_fetched_token_expires_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='AccessChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=200)),
                ('facts', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('gaining_person_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('told_roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('state', models.CharField(choices=[('ASKED', '待确认'), ('CONFIRMED', '已确认'), ('REFUSED', '未同意'), ('WITHDRAWN', '已撤回'), ('EXPIRED', '逾期失效')], default=sunlight.tenancy.workflows.ChangeState['ASKED'], max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_kind', models.CharField(max_length=6, null=True)),
                ('asked_by_id', models.BigIntegerField(null=True)),
                ('asked_for_person_id', models.BigIntegerField(null=True)),
                ('asked_mandate_id', models.BigIntegerField(null=True)),
                ('asked_by_name', models.CharField(blank=True, max_length=60)),
                ('expires_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by_kind', models.CharField(max_length=6, null=True)),
                ('decided_by_id', models.BigIntegerField(null=True)),
                ('decided_for_person_id', models.BigIntegerField(null=True)),
                ('decided_mandate_id', models.BigIntegerField(null=True)),
                ('decided_by_name', models.CharField(blank=True, max_length=60)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'platform', 'state', '-id'], name='tenancy_acc_organis_3cd108_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['ASKED', 'CONFIRMED', 'REFUSED', 'WITHDRAWN', 'EXPIRED'])), name='access_change_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', sunlight.tenancy.workflows.ChangeState['ASKED'])), models.Q(models.Q(('state', sunlight.tenancy.workflows.ChangeState['ASKED']), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='a_change_that_waits_is_not_decided'), models.CheckConstraint(condition=models.Q(models.Q(('state', sunlight.tenancy.workflows.ChangeState['CONFIRMED']), _negated=True), models.Q(('asked_for_person_id__isnull', False), ('decided_for_person_id__isnull', False), models.Q(('decided_for_person_id', models.F('asked_for_person_id')), _negated=True)), _connector='OR'), name='a_change_is_confirmed_by_another_person'), models.CheckConstraint(condition=models.Q(models.Q(('asked_by_id__isnull', True), ('asked_by_kind__isnull', True)), models.Q(('asked_by_id__gte', 0), ('asked_by_id__isnull', False), ('asked_by_kind__in', ['person', 'token', 'client', 'system']), ('asked_by_kind__isnull', False)), _connector='OR'), name='tenancy_accesschange_asked_by_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by_id__isnull', True), ('decided_by_kind__isnull', True)), models.Q(('decided_by_id__gte', 0), ('decided_by_id__isnull', False), ('decided_by_kind__in', ['person', 'token', 'client', 'system']), ('decided_by_kind__isnull', False)), _connector='OR'), name='tenancy_accesschange_decided_by_is_whole')],
            },
        ),
    ]
