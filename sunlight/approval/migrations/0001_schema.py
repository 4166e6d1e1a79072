import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

import sunlight.approval.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApprovalChain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('matter', models.CharField(choices=[('order', '采购订单')], max_length=20)),
                ('version', models.PositiveIntegerField()),
                ('steps', models.JSONField(default=list)),
                ('from_date', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('made_by_kind', models.CharField(max_length=6, null=True)),
                ('made_by_id', models.BigIntegerField(null=True)),
                ('made_for_person_id', models.BigIntegerField(null=True)),
                ('made_mandate_id', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'platform', 'matter', 'version'), name='a_chains_version_once'), models.CheckConstraint(condition=models.Q(models.Q(('made_by_id__isnull', True), ('made_by_kind__isnull', True)), models.Q(('made_by_id__gte', 0), ('made_by_id__isnull', False), ('made_by_kind__in', ['person', 'token', 'client', 'system']), ('made_by_kind__isnull', False)), _connector='OR'), name='approval_approvalchain_made_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalDelegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('principal_id', models.BigIntegerField()),
                ('principal_name', models.CharField(max_length=60)),
                ('delegate_id', models.BigIntegerField()),
                ('delegate_name', models.CharField(max_length=60)),
                ('from_date', models.DateField()),
                ('to_date', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('made_by_kind', models.CharField(max_length=6, null=True)),
                ('made_by_id', models.BigIntegerField(null=True)),
                ('made_for_person_id', models.BigIntegerField(null=True)),
                ('made_mandate_id', models.BigIntegerField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'platform', 'to_date'], name='approval_ap_organis_e1b7b0_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('to_date__gte', models.F('from_date'))), name='a_delegation_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('principal_id', models.F('delegate_id')), _negated=True), name='nobody_stands_in_for_themselves'), models.CheckConstraint(condition=models.Q(models.Q(('made_by_id__isnull', True), ('made_by_kind__isnull', True)), models.Q(('made_by_id__gte', 0), ('made_by_id__isnull', False), ('made_by_kind__in', ['person', 'token', 'client', 'system']), ('made_by_kind__isnull', False)), _connector='OR'), name='approval_approvaldelegation_made_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('matter', models.CharField(choices=[('order', '采购订单')], max_length=20)),
                ('number', models.CharField(max_length=20, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('amount_fen', models.BigIntegerField()),
                ('counted_fen', models.BigIntegerField()),
                ('chain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approval.approvalchain')),
                ('steps', models.JSONField(default=list)),
                ('step', models.PositiveSmallIntegerField(default=0)),
                ('payload', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('result', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('state', models.CharField(choices=[('PENDING', '审批中'), ('APPROVED', '审批通过'), ('REJECTED', '审批未通过'), ('WITHDRAWN', '已撤回')], default=sunlight.approval.workflows.ApprovalState['PENDING'], max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('asked_at', models.DateTimeField()),
                ('asked_by_kind', models.CharField(max_length=6, null=True)),
                ('asked_by_id', models.BigIntegerField(null=True)),
                ('asked_for_person_id', models.BigIntegerField(null=True)),
                ('asked_mandate_id', models.BigIntegerField(null=True)),
                ('asked_by_name', models.CharField(blank=True, max_length=60)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'platform', 'state', '-id'], name='approval_ap_organis_a175c0_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN'])), name='approval_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'PENDING')), models.Q(models.Q(('state', 'PENDING'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='an_approval_that_waits_has_not_ended'), models.CheckConstraint(condition=models.Q(('counted_fen__gte', models.F('amount_fen'))), name='an_approval_counts_at_least_its_amount'), models.CheckConstraint(condition=models.Q(models.Q(('asked_by_id__isnull', True), ('asked_by_kind__isnull', True)), models.Q(('asked_by_id__gte', 0), ('asked_by_id__isnull', False), ('asked_by_kind__in', ['person', 'token', 'client', 'system']), ('asked_by_kind__isnull', False)), _connector='OR'), name='approval_approvalrequest_asked_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='approval.approvalrequest')),
                ('step', models.PositiveSmallIntegerField()),
                ('label', models.CharField(max_length=40)),
                ('is_yes', models.BooleanField()),
                ('acted_at', models.DateTimeField()),
                ('acted_by_kind', models.CharField(max_length=6)),
                ('acted_by_id', models.BigIntegerField()),
                ('acted_for_person_id', models.BigIntegerField(null=True)),
                ('acted_mandate_id', models.BigIntegerField(null=True)),
                ('acted_by_name', models.CharField(blank=True, max_length=60)),
                ('for_user_id', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'step'), name='a_step_is_taken_once'), models.UniqueConstraint(fields=('request', 'acted_by_kind', 'acted_by_id'), name='nobody_takes_two_steps_of_one_request'), models.CheckConstraint(condition=models.Q(models.Q(('acted_by_id__isnull', True), ('acted_by_kind__isnull', True)), models.Q(('acted_by_id__gte', 0), ('acted_by_id__isnull', False), ('acted_by_kind__in', ['person', 'token', 'client', 'system']), ('acted_by_kind__isnull', False)), _connector='OR'), name='approval_approvalact_acted_by_is_whole')],
            },
        ),
    ]
