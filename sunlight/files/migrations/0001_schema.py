import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.BinaryField()),
                ('visibility', models.CharField(choices=[('OWN', '仅本单位'), ('PARTIES', '交易各方'), ('PUBLIC', '公开')], default='OWN', max_length=8)),
                ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('scanned_by', models.CharField(blank=True, default='', max_length=20)),
                ('stored_at', models.DateTimeField()),
                ('stored_by_kind', models.CharField(max_length=6, null=True)),
                ('stored_by_id', models.BigIntegerField(null=True)),
                ('stored_for_person_id', models.BigIntegerField(null=True)),
                ('stored_mandate_id', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'organisation', 'sha256'], name='files_store_platfor_62419f_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('visibility__in', ['OWN', 'PARTIES', 'PUBLIC'])), name='a_files_visibility_is_known'), models.CheckConstraint(condition=models.Q(('visibility', 'PARTIES'), ('parties', []), _connector='OR'), name='only_a_file_for_parties_names_them'), models.CheckConstraint(condition=models.Q(models.Q(('stored_by_id__isnull', True), ('stored_by_kind__isnull', True)), models.Q(('stored_by_id__gte', 0), ('stored_by_id__isnull', False), ('stored_by_kind__in', ['person', 'token', 'client', 'system']), ('stored_by_kind__isnull', False)), _connector='OR'), name='files_storedfile_stored_by_is_whole')],
            },
        ),
        migrations.CreateModel(
            name='FilePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='files.storedfile')),
                ('form', models.CharField(max_length=10)),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('file', 'form', 'number'), name='a_file_has_each_part_once')],
            },
        ),
    ]
