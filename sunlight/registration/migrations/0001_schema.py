import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

import sunlight.registration.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0001_schema'),
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegistrationApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('secret_hash', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('DRAFT', '草稿'), ('SUBMITTED', '待审核'), ('RETURNED', '待补正'), ('ACCEPTED', '已通过'), ('REFUSED', '未通过'), ('WITHDRAWN', '已撤回')], default=sunlight.registration.workflows.RegistrationState['DRAFT'], max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('kind', models.CharField(choices=[('HOSPITAL', '医疗机构'), ('SUPPLIER', '生产或配送企业')], max_length=12)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('credit_code', models.CharField(blank=True, max_length=18)),
                ('declared', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('commitment_text', models.TextField(blank=True)),
                ('commitment_sha256', models.CharField(blank=True, max_length=64)),
                ('opened_at', models.DateTimeField()),
                ('opened_from', models.CharField(blank=True, max_length=64)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('reviewed_by_kind', models.CharField(max_length=6, null=True)),
                ('reviewed_by_id', models.BigIntegerField(null=True)),
                ('reviewed_for_person_id', models.BigIntegerField(null=True)),
                ('reviewed_mandate_id', models.BigIntegerField(null=True)),
                ('review_note', models.CharField(blank=True, max_length=500)),
                ('review_clause', models.CharField(blank=True, max_length=30)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('username', models.CharField(blank=True, max_length=60)),
                ('activated_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'state', '-id'], name='registratio_platfor_e069f4_idx'), models.Index(fields=['opened_from', '-opened_at'], name='registratio_opened__44b2e4_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['HOSPITAL', 'SUPPLIER'])), name='an_applicant_trades'), models.CheckConstraint(condition=models.Q(('state__in', ['DRAFT', 'SUBMITTED', 'RETURNED', 'ACCEPTED', 'REFUSED', 'WITHDRAWN'])), name='registration_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('organisation__isnull', False), ('state', 'ACCEPTED')), models.Q(models.Q(('state', 'ACCEPTED'), _negated=True), ('organisation__isnull', True)), _connector='OR'), name='an_accepted_applicant_is_an_organisation'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['SUBMITTED', 'ACCEPTED', 'REFUSED']), _negated=True), models.Q(('submitted_at__isnull', False), models.Q(('commitment_sha256', ''), _negated=True)), _connector='OR'), name='a_submitted_application_is_committed_to'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['RETURNED', 'ACCEPTED', 'REFUSED']), _negated=True), models.Q(('reviewed_at__isnull', False), ('reviewed_by_id__isnull', False)), _connector='OR'), name='a_reviewed_application_says_by_whom'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['RETURNED', 'REFUSED']), _negated=True), models.Q(('review_note', ''), _negated=True), _connector='OR'), name='a_refused_or_returned_application_says_why'), models.CheckConstraint(condition=models.Q(('activated_at', None), ('state', 'ACCEPTED'), _connector='OR'), name='only_an_accepted_applicant_is_activated'), models.UniqueConstraint(condition=models.Q(('state', 'ACCEPTED')), fields=('platform', 'credit_code'), name='a_credit_code_is_accepted_once_on_a_platform'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_by_id__isnull', True), ('reviewed_by_kind__isnull', True)), models.Q(('reviewed_by_id__gte', 0), ('reviewed_by_id__isnull', False), ('reviewed_by_kind__in', ['person', 'token', 'client', 'system']), ('reviewed_by_kind__isnull', False)), _connector='OR'), name='registration_registrationapplication_reviewed_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='RegistrationDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registration.registrationapplication')),
                ('kind', models.CharField(choices=[('business_licence', '营业执照（或事业单位法人证书）'), ('practice_licence', '医疗机构执业许可证'), ('production_permit', '医疗器械生产许可证（或备案凭证）'), ('trade_permit', '医疗器械经营许可证（或备案凭证）'), ('import_certificate', '进口医疗器械注册证（或备案凭证）'), ('agency_letter', '总代理授权书'), ('person_letter', '办理人授权委托书'), ('other', '其他材料')], max_length=24)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('valid_until', models.DateField(null=True)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Qualification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('kind', models.CharField(choices=[('business_licence', '营业执照（或事业单位法人证书）'), ('practice_licence', '医疗机构执业许可证'), ('production_permit', '医疗器械生产许可证（或备案凭证）'), ('trade_permit', '医疗器械经营许可证（或备案凭证）'), ('import_certificate', '进口医疗器械注册证（或备案凭证）'), ('agency_letter', '总代理授权书'), ('person_letter', '办理人授权委托书'), ('other', '其他材料')], max_length=24)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('valid_until', models.DateField(null=True)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('state', models.CharField(choices=[('DECLARED', '待确认'), ('CONFIRMED', '有效登记'), ('REJECTED', '未确认'), ('REPLACED', '已换新')], default=sunlight.registration.workflows.QualificationState['DECLARED'], max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registration.qualification')),
                ('declared_at', models.DateTimeField()),
                ('declared_by_kind', models.CharField(max_length=6, null=True)),
                ('declared_by_id', models.BigIntegerField(null=True)),
                ('declared_for_person_id', models.BigIntegerField(null=True)),
                ('declared_mandate_id', models.BigIntegerField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by_kind', models.CharField(max_length=6, null=True)),
                ('decided_by_id', models.BigIntegerField(null=True)),
                ('decided_for_person_id', models.BigIntegerField(null=True)),
                ('decided_mandate_id', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'platform', 'state'], name='registratio_organis_f6d863_idx'), models.Index(fields=['platform', 'state', 'valid_until'], name='registratio_platfor_37b867_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['DECLARED', 'CONFIRMED', 'REJECTED', 'REPLACED'])), name='qualification_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'DECLARED')), models.Q(models.Q(('state', 'DECLARED'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='a_qualification_is_decided_or_waits'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'REJECTED'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='a_rejected_qualification_says_why'), models.UniqueConstraint(condition=models.Q(('state', 'DECLARED')), fields=('replaces',), name='one_renewal_waits_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('declared_by_id__isnull', True), ('declared_by_kind__isnull', True)), models.Q(('declared_by_id__gte', 0), ('declared_by_id__isnull', False), ('declared_by_kind__in', ['person', 'token', 'client', 'system']), ('declared_by_kind__isnull', False)), _connector='OR'), name='registration_qualification_declared_by_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by_id__isnull', True), ('decided_by_kind__isnull', True)), models.Q(('decided_by_id__gte', 0), ('decided_by_id__isnull', False), ('decided_by_kind__in', ['person', 'token', 'client', 'system']), ('decided_by_kind__isnull', False)), _connector='OR'), name='registration_qualification_decided_by_is_whole')],
            },
        ),
    ]
