from django.db import migrations


def give_rights(apps, schema_editor):
    """A publisher keeps the addresses of the former site; an editor may look them up."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    create_permissions(installed.get_app_config("news"), apps=installed, verbosity=0)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, actions in {"editor": ["view"], "publisher": ["view", "add", "change", "delete"]}.items():
        codenames = [f"{action}_redirect" for action in actions]
        found = Permission.objects.filter(content_type__app_label="news", codename__in=codenames)
        Group.objects.get(name=name).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("news", "0005_redirects")]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
