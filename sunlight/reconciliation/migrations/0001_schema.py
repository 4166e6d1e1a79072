import django.core.serializers.json
import django.db.models.deletion
import sunlight.reconciliation.workflows
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0002_wall'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('business_day', models.DateField()),
                ('is_nightly', models.BooleanField()),
                ('position', models.JSONField(default=dict)),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('versions', models.PositiveBigIntegerField(default=0)),
                ('differences', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('started_by_kind', models.CharField(max_length=6, null=True)),
                ('started_by_id', models.BigIntegerField(null=True)),
                ('started_for_person_id', models.BigIntegerField(null=True)),
                ('started_mandate_id', models.BigIntegerField(null=True)),
                ('started_by_name', models.CharField(blank=True, max_length=120)),
                ('finished_at', models.DateTimeField(null=True)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
            ],
        ),
        migrations.CreateModel(
            name='Discrepancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('DIFFERS', '数据与封存的版本不一致'), ('MISSING', '数据已不在库中'), ('UNKNOWN', '数据没有封存的版本'), ('UNRECORDED', '变更没有对应的事件'), ('STRAYED', '变更之前已与封存的版本不一致'), ('BROKEN', '封存的版本与事件摘要不符'), ('CHAIN', '日志封存链不符')], max_length=12)),
                ('relation', models.CharField(max_length=63)),
                ('row_id', models.BigIntegerField()),
                ('row_name', models.CharField(max_length=80)),
                ('columns', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('sha256', models.CharField(max_length=64)),
                ('found_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('OPEN', '待核查'), ('LOOKED', '已核查，待解除'), ('RELEASED', '已解除')], max_length=12)),
                ('looked_at', models.DateTimeField(null=True)),
                ('looked_by_kind', models.CharField(max_length=6, null=True)),
                ('looked_by_id', models.BigIntegerField(null=True)),
                ('looked_for_person_id', models.BigIntegerField(null=True)),
                ('looked_mandate_id', models.BigIntegerField(null=True)),
                ('looked_by_name', models.CharField(blank=True, max_length=120)),
                ('look_note', models.CharField(blank=True, max_length=1000)),
                ('released_at', models.DateTimeField(null=True)),
                ('released_by_kind', models.CharField(max_length=6, null=True)),
                ('released_by_id', models.BigIntegerField(null=True)),
                ('released_for_person_id', models.BigIntegerField(null=True)),
                ('released_mandate_id', models.BigIntegerField(null=True)),
                ('released_by_name', models.CharField(blank=True, max_length=120)),
                ('release_reason', models.CharField(blank=True, max_length=1000)),
                ('version', models.PositiveIntegerField(default=1)),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('first_seen', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reconciliation.reconciliation')),
                ('last_seen', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reconciliation.reconciliation')),
            ],
        ),
        migrations.AddIndex(
            model_name='reconciliation',
            index=models.Index(fields=['platform', '-id'], name='reconciliat_platfor_b24085_idx'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.UniqueConstraint(condition=models.Q(('is_nightly', True)), fields=('platform', 'business_day'), name='a_night_is_reconciled_once'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('platform',), name='one_reconciliation_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('started_by_id__isnull', True), ('started_by_kind__isnull', True)), models.Q(('started_by_id__gte', 0), ('started_by_id__isnull', False), ('started_by_kind__in', ['person', 'token', 'client', 'system']), ('started_by_kind__isnull', False)), _connector='OR'), name='reconciliation_reconciliation_started_by_is_whole'),
        ),
        migrations.AddIndex(
            model_name='discrepancy',
            index=models.Index(fields=['platform', 'state', '-id'], name='reconciliat_platfor_0ce55d_idx'),
        ),
        migrations.AddIndex(
            model_name='discrepancy',
            index=models.Index(fields=['platform', 'sha256'], name='reconciliat_platfor_389bc8_idx'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['DIFFERS', 'MISSING', 'UNKNOWN', 'UNRECORDED', 'STRAYED', 'BROKEN', 'CHAIN'])), name='discrepancy_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'LOOKED', 'RELEASED'])), name='discrepancy_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(('state', sunlight.reconciliation.workflows.DiscrepancyState['OPEN']), models.Q(('looked_at__isnull', False), ('looked_by_id__isnull', False), models.Q(('look_note', ''), _negated=True)), _connector='OR'), name='a_discrepancy_looked_into_says_what_was_found_out'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('state', sunlight.reconciliation.workflows.DiscrepancyState['RELEASED']), _negated=True), ('released_at', None)), models.Q(('released_at__isnull', False), ('released_by_id__isnull', False), ('state', sunlight.reconciliation.workflows.DiscrepancyState['RELEASED']), models.Q(('release_reason', ''), _negated=True)), _connector='OR'), name='a_released_discrepancy_has_moment_and_reason'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.UniqueConstraint(condition=models.Q(('state', sunlight.reconciliation.workflows.DiscrepancyState['RELEASED']), _negated=True), fields=('platform', 'sha256'), name='a_difference_is_one_matter'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('looked_by_id__isnull', True), ('looked_by_kind__isnull', True)), models.Q(('looked_by_id__gte', 0), ('looked_by_id__isnull', False), ('looked_by_kind__in', ['person', 'token', 'client', 'system']), ('looked_by_kind__isnull', False)), _connector='OR'), name='reconciliation_discrepancy_looked_by_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_by_id__isnull', True), ('released_by_kind__isnull', True)), models.Q(('released_by_id__gte', 0), ('released_by_id__isnull', False), ('released_by_kind__in', ['person', 'token', 'client', 'system']), ('released_by_kind__isnull', False)), _connector='OR'), name='reconciliation_discrepancy_released_by_is_whole'),
        ),
    ]
