import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('citations', '0015_values_taken_over_from_registers'),
    ]

    operations = [
        migrations.AddField(
            model_name='fulltext',
            name='replaced_by',
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='replaced',
                to='citations.fulltext',
            ),
        ),
    ]
