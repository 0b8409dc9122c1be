from django.db import migrations


def give_rights(apps, schema_editor):
    """An editor writes boilerplates; a publisher may also delete one that nothing uses."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    create_permissions(installed.get_app_config("news"), apps=installed, verbosity=0)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    written = ["view", "add", "change"]
    for name, actions in {"editor": written, "publisher": [*written, "delete"]}.items():
        codenames = [f"{action}_boilerplate" for action in actions]
        found = Permission.objects.filter(content_type__app_label="news", codename__in=codenames)
        Group.objects.get(name=name).permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [("news", "0007_library")]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
