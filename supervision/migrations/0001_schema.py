import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_schema'),
    ]

    operations = [
        migrations.CreateModel(
            name='DailyFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.platform')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.region')),
                ('buyer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.organisation')),
                ('day', models.DateField()),
                ('figure', models.CharField(max_length=24)),
                ('count', models.PositiveIntegerField()),
                ('total_fen', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['platform', 'day'], name='supervision_platfor_23ce3b_idx'), models.Index(fields=['buyer', 'day'], name='supervision_buyer_i_c024eb_idx'), models.Index(fields=['seller', 'day'], name='supervision_seller__f8eaa2_idx')],
                'constraints': [models.UniqueConstraint(fields=('platform', 'region', 'buyer', 'seller', 'day', 'figure'), name='a_figure_once_a_day'), models.CheckConstraint(condition=models.Q(('count__gt', 0)), name='a_figure_counts_something')],
            },
        ),
    ]
