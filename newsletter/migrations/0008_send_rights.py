from django.contrib.auth.management import create_permissions
from django.db import migrations

GROUPS = {
    "newsletter": {"news.image": "view"},  # an issue's pictures are chosen from the library
    "newsletter-send": {
        "newsletter.issue": "view send",
        "newsletter.edition": "view redact",
        "newsletter.delivery": "view",
        "newsletter.return": "view",
        "newsletter.correction": "view add",
    },
}


def make_groups(apps, schema_editor):
    """`newsletter` writes issues; only members of `newsletter-send` send, pause, resume and cancel them."""
    for label in ("news", "newsletter"):
        app = apps.get_app_config(label)
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
    dependencies = [("newsletter", "0007_bounces"), ("news", "0007_names")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
