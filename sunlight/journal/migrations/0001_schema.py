import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField(null=True)),
                ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('actor_kind', models.CharField(max_length=6, null=True)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_for_person_id', models.BigIntegerField(null=True)),
                ('actor_mandate_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(blank=True, max_length=120)),
                ('actor_organisation_id', models.BigIntegerField(null=True)),
                ('actor_organisation_name', models.CharField(blank=True, max_length=200)),
                ('actor_roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('on_behalf_of', models.CharField(blank=True, max_length=120)),
                ('client_address', models.CharField(blank=True, max_length=64)),
                ('client_agent', models.CharField(blank=True, max_length=300)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('rule', models.CharField(max_length=60)),
                ('region_code', models.CharField(max_length=20)),
                ('law_date', models.DateField()),
                ('drafts', models.CharField(max_length=8)),
                ('facts', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('regulated', models.BooleanField()),
                ('allowed', models.BooleanField(null=True)),
                ('outcome', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('reasons', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('parameters', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('actor_id__isnull', True), ('actor_kind__isnull', True)), models.Q(('actor_id__gte', 0), ('actor_id__isnull', False), ('actor_kind__in', ['person', 'token', 'client', 'system']), ('actor_kind__isnull', False)), _connector='OR'), name='journal_decision_actor_is_whole')],
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='journal_dec_subject_af4754_idx')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField(null=True)),
                ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('actor_kind', models.CharField(max_length=6, null=True)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_for_person_id', models.BigIntegerField(null=True)),
                ('actor_mandate_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(blank=True, max_length=120)),
                ('actor_organisation_id', models.BigIntegerField(null=True)),
                ('actor_organisation_name', models.CharField(blank=True, max_length=200)),
                ('actor_roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('on_behalf_of', models.CharField(blank=True, max_length=120)),
                ('client_address', models.CharField(blank=True, max_length=64)),
                ('client_agent', models.CharField(blank=True, max_length=300)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('name', models.CharField(max_length=80)),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('subject_version', models.PositiveIntegerField(default=1)),
                ('payload', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('actor_id__isnull', True), ('actor_kind__isnull', True)), models.Q(('actor_id__gte', 0), ('actor_id__isnull', False), ('actor_kind__in', ['person', 'token', 'client', 'system']), ('actor_kind__isnull', False)), _connector='OR'), name='journal_event_actor_is_whole')],
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='journal_eve_subject_000f97_idx'), models.Index(fields=['platform_id', 'name', 'id'], name='journal_eve_platfor_17f114_idx'), models.Index(fields=['platform_id', 'recorded_at'], name='journal_eve_platfor_d02dcd_idx')],
            },
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField(null=True)),
                ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('actor_kind', models.CharField(max_length=6, null=True)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_for_person_id', models.BigIntegerField(null=True)),
                ('actor_mandate_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(blank=True, max_length=120)),
                ('actor_organisation_id', models.BigIntegerField(null=True)),
                ('actor_organisation_name', models.CharField(blank=True, max_length=200)),
                ('actor_roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('on_behalf_of', models.CharField(blank=True, max_length=120)),
                ('client_address', models.CharField(blank=True, max_length=64)),
                ('client_agent', models.CharField(blank=True, max_length=300)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('service', models.CharField(max_length=80)),
                ('code', models.CharField(max_length=60)),
                ('message', models.TextField()),
                ('subject_type', models.CharField(blank=True, max_length=60)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('facts', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('reasons', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('decision', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('actor_id__isnull', True), ('actor_kind__isnull', True)), models.Q(('actor_id__gte', 0), ('actor_id__isnull', False), ('actor_kind__in', ['person', 'token', 'client', 'system']), ('actor_kind__isnull', False)), _connector='OR'), name='journal_refusal_actor_is_whole')],
                'indexes': [models.Index(fields=['platform_id', '-id'], name='journal_ref_platfor_8ab6b0_idx'), models.Index(fields=['platform_id', 'actor_organisation_id', '-id'], name='journal_ref_platfor_6d313a_idx'), models.Index(fields=['subject_type', 'subject_id', 'id'], name='journal_ref_subject_280bd7_idx')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.event')),
                ('subscriber', models.CharField(max_length=80)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('delivered_at', None)), fields=['id'], name='undelivered')],
                'constraints': [models.UniqueConstraint(fields=('event', 'subscriber'), name='an_event_reaches_a_subscriber_once')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('sequence', models.BigIntegerField()),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.event')),
                ('event_hash', models.CharField(max_length=64)),
                ('chain_hash', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'sequence'), name='a_platform_seals_without_gaps_or_doubles')],
            },
        ),
        migrations.CreateModel(
            name='RowFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField(null=True)),
                ('transaction', models.BigIntegerField()),
                ('relation', models.CharField(max_length=63)),
                ('row_id', models.BigIntegerField()),
                ('facts', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('strayed', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['relation', 'row_id', '-id'], name='row_fact_by_row'), models.Index(fields=['transaction', 'id'], name='row_fact_by_transaction'), models.Index(fields=['platform_id', 'id'], name='row_fact_by_platform')],
            },
        ),
    ]
