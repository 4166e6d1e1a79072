import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

import sunlight.publicity.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0001_schema'),
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('kind', models.CharField(max_length=40)),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('party', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True)),
                ('facts', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('clause', models.CharField(max_length=30)),
                ('term_days', models.PositiveSmallIntegerField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('is_provisional', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('OPEN', '公示中'), ('JUDGING', '异议处理中'), ('UNOPPOSED', '公示期满无异议'), ('DISMISSED', '异议不成立'), ('UPHELD', '异议成立'), ('WITHDRAWN', '已撤回')], default=sunlight.publicity.workflows.PublicationState['OPEN'], max_length=12)),
                ('outcome_note', models.CharField(blank=True, max_length=500)),
                ('published_at', models.DateTimeField()),
                ('published_by_kind', models.CharField(max_length=6, null=True)),
                ('published_by_id', models.BigIntegerField(null=True)),
                ('published_for_person_id', models.BigIntegerField(null=True)),
                ('published_mandate_id', models.BigIntegerField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', '-id'], name='publicity_p_platfor_e8621f_idx'), models.Index(condition=models.Q(('state', 'OPEN')), fields=['platform', 'ends_on'], name='publication_that_runs'), models.Index(fields=['subject_type', 'subject_id'], name='publicity_p_subject_e49438_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'JUDGING', 'UNOPPOSED', 'DISMISSED', 'UPHELD', 'WITHDRAWN'])), name='publication_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ['OPEN', 'JUDGING'])), models.Q(models.Q(('state__in', ['OPEN', 'JUDGING']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='a_publication_has_ended_or_not'), models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='a_publication_has_a_term'), models.UniqueConstraint(condition=models.Q(('state__in', ['OPEN', 'JUDGING'])), fields=('kind', 'subject_type', 'subject_id'), name='a_matter_is_published_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('published_by_id__isnull', True), ('published_by_kind__isnull', True)), models.Q(('published_by_id__gte', 0), ('published_by_id__isnull', False), ('published_by_kind__in', ['person', 'token', 'client', 'system']), ('published_by_kind__isnull', False)), _connector='OR'), name='publicity_publication_published_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='publicity.publication')),
                ('secret_sha256', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=100)),
                ('contact', models.CharField(max_length=120)),
                ('text', models.TextField()),
                ('evidence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('client_address', models.CharField(blank=True, max_length=64)),
                ('state', models.CharField(choices=[('RECEIVED', '待答复'), ('UPHELD', '异议成立'), ('DISMISSED', '异议不成立')], default=sunlight.publicity.workflows.ObjectionState['RECEIVED'], max_length=12)),
                ('received_at', models.DateTimeField()),
                ('answer', models.CharField(blank=True, max_length=1000)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by_kind', models.CharField(max_length=6, null=True)),
                ('answered_by_id', models.BigIntegerField(null=True)),
                ('answered_for_person_id', models.BigIntegerField(null=True)),
                ('answered_mandate_id', models.BigIntegerField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'state', 'id'], name='publicity_o_platfor_f6b4b2_idx'), models.Index(fields=['client_address', 'received_at'], name='publicity_o_client__130ff2_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['RECEIVED', 'UPHELD', 'DISMISSED'])), name='objection_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('state', 'RECEIVED')), models.Q(models.Q(('state', 'RECEIVED'), _negated=True), ('answered_at__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='an_answered_objection_has_its_answer'), models.CheckConstraint(condition=models.Q(models.Q(('answered_by_id__isnull', True), ('answered_by_kind__isnull', True)), models.Q(('answered_by_id__gte', 0), ('answered_by_id__isnull', False), ('answered_by_kind__in', ['person', 'token', 'client', 'system']), ('answered_by_kind__isnull', False)), _connector='OR'), name='publicity_objection_answered_by_is_whole')],
            },
        ),
    ]
