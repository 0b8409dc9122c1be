from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "newsletter": {
        "newsletter.issue": "view add change delete",
        "newsletter.edition": "view",
        "newsletter.delivery": "view",
        "newsletter.return": "view",
        "newsletter.correction": "view add",
    },
}


def make_groups(apps, schema_editor):
    """`newsletter` writes issues. Who may send them gets a group of their own with the pages that do it."""
    app = apps.get_app_config("newsletter")
    app.models_module = True  # Django makes permissions after all migrations; the groups need them now
    create_permissions(app, apps=apps, verbosity=0)
    Permission = apps.get_model("auth", "Permission")
    for name, rights in GROUPS.items():
        group, _created = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for model, actions in rights.items():
            label, model = model.split(".")
            codenames = [f"{action}_{model}" for action in actions.split()]
            group.permissions.add(*Permission.objects.filter(content_type__app_label=label, codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0005_issues"), ("news", "0007_names")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
