from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "newsletter": {
        "newsletter.change": "view",
        "newsletter.consent": "view",
        "newsletter.subscriber": "view erase unsubscribe",
        "sccon.mail": "view resend",  # who answers "I got no mail" looks into the outbox, and has one sent again
    }
}


def make_groups(apps, schema_editor):
    """`newsletter` finds subscribers, unsubscribes them and deletes their data on request."""
    for label in ("sccon", "newsletter"):
        # Django makes them after all migrations, and for apps that have models; the groups need them now.
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, apps=apps, verbosity=0)
    Permission = apps.get_model("auth", "Permission")
    for name, rights in GROUPS.items():
        group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for model, actions in rights.items():
            label, model = model.split(".")
            codenames = [f"{action}_{model}" for action in actions.split()]
            group.permissions.add(*Permission.objects.filter(content_type__app_label=label, codename__in=codenames))


class Migration(migrations.Migration):
    replaces = [
        ("newsletter", "0002_group"),
        ("newsletter", "0003_group_sees_mails"),
    ]
    dependencies = [
        ("newsletter", "0001_tables"),
        ("sccon", "0001_tables"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
