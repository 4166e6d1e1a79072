import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import sunlight.messages.workflows


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('audience', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('must_acknowledge', models.BooleanField(default=False)),
                ('is_public', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('PUBLISHED', '已发布'), ('WITHDRAWN', '已撤回')], default=sunlight.messages.workflows.NoticeState['PUBLISHED'], max_length=12)),
                ('published_at', models.DateTimeField()),
                ('published_by_kind', models.CharField(max_length=6, null=True)),
                ('published_by_id', models.BigIntegerField(null=True)),
                ('published_for_person_id', models.BigIntegerField(null=True)),
                ('published_mandate_id', models.BigIntegerField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('withdraw_reason', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', '-id'], name='sunlight_me_platfor_1cbeb5_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['PUBLISHED', 'WITHDRAWN'])), name='notice_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'PUBLISHED'), ('withdrawn_at', None)), models.Q(('state', 'WITHDRAWN'), ('withdrawn_at__isnull', False)), _connector='OR'), name='a_withdrawn_notice_has_its_moment'), models.CheckConstraint(condition=models.Q(models.Q(('published_by_id__isnull', True), ('published_by_kind__isnull', True)), models.Q(('published_by_id__gte', 0), ('published_by_id__isnull', False), ('published_by_kind__in', ['person', 'token', 'client', 'system']), ('published_by_kind__isnull', False)), _connector='OR'), name='sunlight_messages_notice_published_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('kind', models.CharField(max_length=40)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True)),
                ('subject_type', models.CharField(blank=True, max_length=60)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('must_acknowledge', models.BooleanField(default=False)),
                ('event_id', models.BigIntegerField(null=True)),
                ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='sunlight_messages.notice')),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'platform', '-id'], name='sunlight_me_organis_7fc027_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('event_id__isnull', False)), fields=('event_id', 'kind', 'organisation'), name='an_event_tells_an_organisation_once'), models.UniqueConstraint(condition=models.Q(('notice__isnull', False)), fields=('notice', 'organisation'), name='a_notice_reaches_an_organisation_once')],
            },
        ),
        migrations.CreateModel(
            name='MessageReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='sunlight_messages.message')),
                ('read_by_kind', models.CharField(max_length=6)),
                ('read_by_id', models.BigIntegerField()),
                ('read_for_person_id', models.BigIntegerField(null=True)),
                ('read_mandate_id', models.BigIntegerField(null=True)),
                ('user_name', models.CharField(blank=True, max_length=120)),
                ('read_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('message', 'read_by_kind', 'read_by_id'), name='a_person_reads_a_message_once'), models.CheckConstraint(condition=models.Q(models.Q(('read_by_id__isnull', True), ('read_by_kind__isnull', True)), models.Q(('read_by_id__gte', 0), ('read_by_id__isnull', False), ('read_by_kind__in', ['person', 'token', 'client', 'system']), ('read_by_kind__isnull', False)), _connector='OR'), name='sunlight_messages_messagereading_read_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='MailAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('user_id', models.BigIntegerField()),
                ('address', models.EmailField(max_length=120)),
                ('is_on', models.BooleanField(default=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'platform', 'user_id'), name='one_mail_address_a_person_and_organisation')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sunlight_messages.message')),
                ('user_id', models.BigIntegerField()),
                ('address', models.EmailField(max_length=120)),
                ('state', models.CharField(choices=[('WAITING', '待发送'), ('SENT', '已发送'), ('DROPPED', '不再发送'), ('GIVEN_UP', '发送失败')], default=sunlight.messages.workflows.MailState['WAITING'], max_length=12)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['platform', 'next_try_at'], name='mail_that_waits')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['WAITING', 'SENT', 'DROPPED', 'GIVEN_UP'])), name='mail_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'WAITING')), models.Q(models.Q(('state', 'WAITING'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='mail_waits_or_has_ended'), models.UniqueConstraint(fields=('message', 'user_id'), name='a_message_is_mailed_to_a_person_once')],
            },
        ),
    ]
