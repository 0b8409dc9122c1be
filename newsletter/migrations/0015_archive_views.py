import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0014_judging_refusals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("left_at__isnull", False), ("complained_at__isnull", False), _connector="OR"),
                fields=["issue"],
                name="delivery_lost",
            ),
        ),
        migrations.CreateModel(
            name="ArchiveViews",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "edition_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="newsletter.edition",
                    ),
                ),
            ],
            options={
                "default_permissions": [],
            },
        ),
    ]
