import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import sunlight.webhooks.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('journal', '0001_schema'),
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('name', models.CharField(max_length=80)),
                ('url', models.CharField(max_length=500)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('state', models.CharField(choices=[('ACTIVE', '启用'), ('DISABLED', '停用')], default=sunlight.webhooks.workflows.WebhookState['ACTIVE'], max_length=12)),
                ('secret', models.BinaryField()),
                ('old_secret', models.BinaryField(null=True)),
                ('old_secret_until', models.DateTimeField(null=True)),
                ('suite', models.CharField(blank=True, max_length=60)),
                ('sequence', models.BigIntegerField()),
                ('created_at', models.DateTimeField()),
                ('created_by_kind', models.CharField(max_length=6, null=True)),
                ('created_by_id', models.BigIntegerField(null=True)),
                ('created_for_person_id', models.BigIntegerField(null=True)),
                ('created_mandate_id', models.BigIntegerField(null=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('disabled_at', models.DateTimeField(null=True)),
                ('disable_reason', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'platform', '-id'], name='webhooks_we_organis_cfb4bc_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['ACTIVE', 'DISABLED'])), name='webhook_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('disabled_at', None), ('state', 'ACTIVE')), models.Q(('disabled_at__isnull', False), ('state', 'DISABLED')), _connector='OR'), name='a_disabled_webhook_has_its_moment'), models.CheckConstraint(condition=models.Q(models.Q(('old_secret', None), ('old_secret_until', None)), models.Q(('old_secret__isnull', False), ('old_secret_until__isnull', False)), _connector='OR'), name='an_old_secret_ends'), models.CheckConstraint(condition=models.Q(models.Q(('created_by_id__isnull', True), ('created_by_kind__isnull', True)), models.Q(('created_by_id__gte', 0), ('created_by_id__isnull', False), ('created_by_kind__in', ['person', 'token', 'client', 'system']), ('created_by_kind__isnull', False)), _connector='OR'), name='webhooks_webhook_created_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.webhook')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.event')),
                ('sequence', models.BigIntegerField()),
                ('state', models.CharField(choices=[('WAITING', '待投递'), ('DELIVERED', '已投递'), ('FAILED', '投递失败')], default=sunlight.webhooks.workflows.WebhookDeliveryState['WAITING'], max_length=12)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_try_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(null=True)),
                ('last_status', models.PositiveSmallIntegerField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('planned_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['webhook', '-id'], name='webhooks_we_webhook_86afe5_idx'), models.Index(condition=models.Q(('state', 'WAITING')), fields=['next_try_at'], name='webhook_deliveries_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['WAITING', 'DELIVERED', 'FAILED'])), name='webhook_delivery_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'WAITING')), models.Q(models.Q(('state', 'WAITING'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='a_webhook_delivery_waits_or_has_ended'), models.UniqueConstraint(fields=('webhook', 'sequence'), name='a_webhook_hears_of_an_event_once')],
            },
        ),
    ]
