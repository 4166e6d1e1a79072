import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0001_schema'),
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('kind', models.CharField(max_length=40)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.storedfile')),
                ('state', models.CharField(choices=[('RUNNING', '进行中'), ('DONE', '已完成'), ('ABANDONED', '已放弃')], max_length=12)),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('rows_taken', models.PositiveIntegerField(default=0)),
                ('rows_unchanged', models.PositiveIntegerField(default=0)),
                ('rows_refused', models.PositiveIntegerField(default=0)),
                ('rows_held', models.PositiveIntegerField(default=0)),
                ('whole', models.BooleanField(default=False)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('started_by_kind', models.CharField(max_length=6, null=True)),
                ('started_by_id', models.BigIntegerField(null=True)),
                ('started_for_person_id', models.BigIntegerField(null=True)),
                ('started_mandate_id', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'kind', '-id'], name='sheets_impo_platfor_c61ead_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['RUNNING', 'DONE', 'ABANDONED'])), name='import_run_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state', 'RUNNING')), models.Q(('finished_at__isnull', False), ('state__in', ['DONE', 'ABANDONED'])), _connector='OR'), name='an_import_run_ends_when_done'), models.CheckConstraint(condition=models.Q(models.Q(('started_by_id__isnull', True), ('started_by_kind__isnull', True)), models.Q(('started_by_id__gte', 0), ('started_by_id__isnull', False), ('started_by_kind__in', ['person', 'token', 'client', 'system']), ('started_by_kind__isnull', False)), _connector='OR'), name='sheets_importrun_started_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='RefusedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sheets.importrun')),
                ('row_number', models.PositiveIntegerField()),
                ('column', models.CharField(blank=True, max_length=80)),
                ('code', models.CharField(max_length=60)),
                ('message', models.TextField()),
                ('clause', models.CharField(blank=True, max_length=30)),
                ('cells', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'row_number'], name='sheets_refu_run_id_762f87_idx')],
            },
        ),
    ]
