from django.db import migrations


def create_group(apps, schema_editor):
    """`newsletter` finds subscribers, unsubscribes them and deletes their data on request."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the group needs them now.
    create_permissions(installed.get_app_config("newsletter"), apps=installed, verbosity=0)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    group, _created = Group.objects.get_or_create(name="newsletter")
    group.permissions.add(*Permission.objects.filter(content_type__app_label="newsletter"))


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0001_subscribers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_group, migrations.RunPython.noop)]
