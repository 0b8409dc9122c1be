import django.db.models.functions.datetime
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

GROUPS = ("newsletter", "newsletter-send")


def make_groups(apps, schema_editor):
    """Whoever writes issues or sends them sees what the mail doctor found, and may have it look again."""
    app = apps.get_app_config("newsletter")
    app.models_module = True  # Django makes permissions after all migrations; the groups need them now
    create_permissions(app, apps=apps, verbosity=0)
    right = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="newsletter", codename="view_mailfinding"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0012_lists")]

    operations = [
        migrations.CreateModel(
            name="MailFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("spf", "Who may send for us (SPF)"),
                            ("dkim", "Our signature (DKIM)"),
                            ("dmarc", "Forged mails (DMARC)"),
                            ("alignment", "Both senders in one domain"),
                            ("host", "The relay’s name"),
                            ("tls", "The way to the relay (TLS)"),
                            ("links", "The links in the mails"),
                        ],
                        max_length=10,
                        unique=True,
                        verbose_name="check",
                    ),
                ),
                ("subject", models.CharField(max_length=300)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("good", "in order"),
                            ("hint", "hint"),
                            ("red", "must be mended"),
                            ("unknown", "cannot be told"),
                        ],
                        max_length=7,
                        verbose_name="verdict",
                    ),
                ),
                ("says", models.CharField(max_length=30)),
                ("words", models.JSONField(default=dict)),
                ("publish", models.JSONField(default=list)),
                (
                    "checked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="looked at"
                    ),
                ),
            ],
            options={
                "verbose_name": "mail doctor",
                "verbose_name_plural": "mail doctor",
                "default_permissions": ["view"],
            },
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
