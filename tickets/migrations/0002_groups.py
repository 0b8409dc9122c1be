from django.db import migrations


def create_groups(apps, schema_editor):
    """`tickets` keeps the catalogue and handles orders; what was ordered and paid it changes by actions alone."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the group needs them now.
    create_permissions(installed.get_app_config("tickets"), apps=installed, verbosity=0)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    kept = ["event", "product", "quota", "productquota"]
    codenames = [f"{action}_{model}" for model in kept for action in ("add", "change", "view")]
    codenames += ["delete_product", "delete_quota", "delete_productquota", "handle_order"]
    codenames += [f"view_{model}" for model in ("order", "position", "payment", "refund", "history")]
    group, _created = Group.objects.get_or_create(name="tickets")
    group.permissions.add(*Permission.objects.filter(content_type__app_label="tickets", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0001_core"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
