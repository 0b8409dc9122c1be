from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "tickets": {
        "tickets.event": "view add change",
        "tickets.history": "view",
        "tickets.order": "view handle",
        "tickets.payment": "view",
        "tickets.position": "view",
        "tickets.product": "view add change delete",
        "tickets.productquota": "view add change delete",
        "tickets.quota": "view add change delete",
        "tickets.refund": "view",
        "sccon.mail": "view resend",  # who answers "I got no mail" looks into the outbox, and has one sent again
    }
}


def make_groups(apps, schema_editor):
    """`tickets` keeps the catalogue and handles orders; what was ordered and paid it changes by actions alone."""
    for label in ("sccon", "tickets"):
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
        ("tickets", "0002_groups"),
        ("tickets", "0003_group_sees_mails"),
    ]
    dependencies = [
        ("tickets", "0001_tables"),
        ("sccon", "0001_tables"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
