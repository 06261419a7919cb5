from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("citations", "0005_prisma_s_fields")]

    operations = [
        migrations.AddField(
            model_name="uploadproblem",
            name="lost",
            field=models.BooleanField(default=True),
        ),
    ]
