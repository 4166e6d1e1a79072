from django.db import migrations, models

TABLE = "blocks_idempotentanswer"


class Migration(migrations.Migration):
    """Webhooks' secrets are sealed by the encryption key and say by which suite; none: sealed by the secret key. Answers
    kept for repeated keys held such secrets in clear: they go."""

    dependencies = [("blocks", "0002_wall")]
    operations = [
        migrations.AddField("webhook", "suite", models.CharField(blank=True, default="", max_length=60), False),
        migrations.RunSQL(
            f"alter table {TABLE} no force row level security;"
            f" update {TABLE} set answer = answer - 'secret' where route like '%/webhooks/%' and answer ? 'secret';"
            f" alter table {TABLE} force row level security;",
            migrations.RunSQL.noop,
        ),
    ]
