import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

import sunlight.jobs.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('kind', models.CharField(max_length=60)),
                ('title', models.CharField(max_length=200)),
                ('parameters', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('state', models.CharField(choices=[('QUEUED', '排队中'), ('RUNNING', '进行中'), ('STOPPING', '正在停止'), ('STOPPED', '已停止'), ('FAILED', '未能完成'), ('DONE', '已完成'), ('ABANDONED', '已放弃')], default=sunlight.jobs.workflows.JobState['QUEUED'], max_length=12)),
                ('position', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('phase', models.CharField(blank=True, max_length=60)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(null=True)),
                ('chunks', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('note', models.TextField(blank=True)),
                ('result_id', models.BigIntegerField(null=True)),
                ('queued_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('moved_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('started_by_kind', models.CharField(max_length=6, null=True)),
                ('started_by_id', models.BigIntegerField(null=True)),
                ('started_for_person_id', models.BigIntegerField(null=True)),
                ('started_mandate_id', models.BigIntegerField(null=True)),
                ('started_by_name', models.CharField(blank=True, max_length=100)),
                ('client', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', '-id'], name='jobs_job_platfor_64fe81_idx'), models.Index(fields=['organisation', '-id'], name='jobs_job_organis_2f4a61_idx'), models.Index(condition=models.Q(('state__in', ['QUEUED', 'RUNNING', 'STOPPING'])), fields=['platform', 'moved_at'], name='jobs_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['QUEUED', 'RUNNING', 'STOPPING', 'STOPPED', 'FAILED', 'DONE', 'ABANDONED'])), name='job_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state__in', ['DONE', 'ABANDONED'])), models.Q(models.Q(('state__in', ['DONE', 'ABANDONED']), _negated=True), ('ended_at', None)), _connector='OR'), name='a_job_ends_when_done_or_abandoned'), models.CheckConstraint(condition=models.Q(models.Q(('started_by_id__isnull', True), ('started_by_kind__isnull', True)), models.Q(('started_by_id__gte', 0), ('started_by_id__isnull', False), ('started_by_kind__in', ['person', 'token', 'client', 'system']), ('started_by_kind__isnull', False)), _connector='OR'), name='jobs_job_started_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='JobPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='jobs.job')),
                ('form', models.CharField(max_length=10)),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'form', 'number'), name='a_job_has_each_part_once')],
            },
        ),
    ]
