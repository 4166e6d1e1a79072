import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('saved_by_kind', models.CharField(max_length=6)),
                ('saved_by_id', models.BigIntegerField()),
                ('saved_for_person_id', models.BigIntegerField(null=True)),
                ('saved_mandate_id', models.BigIntegerField(null=True)),
                ('list_key', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=40)),
                ('query', models.CharField(max_length=1000)),
                ('is_default', models.BooleanField(default=False)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform', 'organisation', 'saved_by_kind', 'saved_by_id', 'list_key', 'name'), name='a_view_has_one_name'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('platform', 'organisation', 'saved_by_kind', 'saved_by_id', 'list_key'), name='a_list_opens_with_one_view'), models.CheckConstraint(condition=models.Q(models.Q(('saved_by_id__isnull', True), ('saved_by_kind__isnull', True)), models.Q(('saved_by_id__gte', 0), ('saved_by_id__isnull', False), ('saved_by_kind__in', ['person', 'token', 'client', 'system']), ('saved_by_kind__isnull', False)), _connector='OR'), name='saved_views_savedview_saved_by_is_whole')],
            },
        ),
    ]
