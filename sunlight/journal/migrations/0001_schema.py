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
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('platform_code', models.CharField(max_length=20)),
                ('sequence', models.BigIntegerField()),
                ('chain_hash', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('key_id', models.CharField(max_length=16)),
                ('public_key', models.CharField(max_length=44)),
                ('signature', models.CharField(max_length=88)),
            ],
            options={
                'indexes': [models.Index(fields=['platform_id', '-id'], name='journal_che_platfor_ace5e2_idx')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
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
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='journal_dec_subject_af4754_idx'), models.Index(fields=['platform_id', 'id'], name='journal_dec_platfor_3f72c8_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('actor_id__isnull', True), ('actor_kind__isnull', True)), models.Q(('actor_id__gte', 0), ('actor_id__isnull', False), ('actor_kind__in', ['person', 'token', 'client', 'system']), ('actor_kind__isnull', False)), _connector='OR'), name='journal_decision_actor_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
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
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'id'], name='journal_eve_subject_000f97_idx'), models.Index(fields=['platform_id', 'name', 'id'], name='journal_eve_platfor_17f114_idx'), models.Index(fields=['platform_id', 'id'], name='journal_eve_platfor_a48f25_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('actor_id__isnull', True), ('actor_kind__isnull', True)), models.Q(('actor_id__gte', 0), ('actor_id__isnull', False), ('actor_kind__in', ['person', 'token', 'client', 'system']), ('actor_kind__isnull', False)), _connector='OR'), name='journal_event_actor_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
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
                'indexes': [models.Index(fields=['platform_id', '-id'], name='journal_ref_platfor_8ab6b0_idx'), models.Index(fields=['platform_id', 'actor_organisation_id', '-id'], name='journal_ref_platfor_6d313a_idx'), models.Index(fields=['subject_type', 'subject_id', 'id'], name='journal_ref_subject_280bd7_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('actor_id__isnull', True), ('actor_kind__isnull', True)), models.Q(('actor_id__gte', 0), ('actor_id__isnull', False), ('actor_kind__in', ['person', 'token', 'client', 'system']), ('actor_kind__isnull', False)), _connector='OR'), name='journal_refusal_actor_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='SealingMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('settled_id', models.BigIntegerField(default=0)),
                ('next_id', models.BigIntegerField(null=True)),
                ('next_xid', models.BigIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'kind'), name='a_platform_has_one_mark_a_kind')],
            },
        ),
        migrations.CreateModel(
            name='CheckpointDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('channel', models.CharField(max_length=8)),
                ('target', models.CharField(max_length=200)),
                ('delivered_at', models.DateTimeField()),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.checkpoint')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['file', 'message', 'mail'])), name='a_checkpoint_leaves_by_a_known_way')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subscriber', models.CharField(max_length=80)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('last_error', models.TextField(blank=True)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.event')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('delivered_at', None)), fields=['id'], name='undelivered')],
                'constraints': [models.UniqueConstraint(fields=('event', 'subscriber'), name='an_event_reaches_a_subscriber_once')],
            },
        ),
        migrations.CreateModel(
            name='EventReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('organisation_id', models.BigIntegerField()),
                ('sequence', models.BigIntegerField()),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.event')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation_id', 'platform_id', 'sequence'), name='a_reader_has_an_event_once')],
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform_id', models.BigIntegerField()),
                ('sequence', models.BigIntegerField()),
                ('row_hash', models.CharField(max_length=64)),
                ('chain_hash', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
                ('decision', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.decision')),
                ('event', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.event')),
                ('refusal', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='journal.refusal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'sequence'), name='a_platform_seals_without_gaps_or_doubles'), models.CheckConstraint(condition=models.Q(models.Q(('decision', None), ('event__isnull', False), ('refusal', None)), models.Q(('decision__isnull', False), ('event', None), ('refusal', None)), models.Q(('decision', None), ('event', None), ('refusal__isnull', False)), _connector='OR'), name='a_seal_is_on_one_row'), models.UniqueConstraint(condition=models.Q(('event__isnull', False)), fields=('event',), name='an_event_is_sealed_once'), models.UniqueConstraint(condition=models.Q(('decision__isnull', False)), fields=('decision',), name='a_decision_is_sealed_once'), models.UniqueConstraint(condition=models.Q(('refusal__isnull', False)), fields=('refusal',), name='a_refusal_is_sealed_once')],
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
