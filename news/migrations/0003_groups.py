from django.db import migrations


def create_groups(apps, schema_editor):
    """`editor` writes; `publisher` also publishes, withdraws, pins and changes what public pages share."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the groups need them now.
    create_permissions(installed.get_app_config("news"), apps=installed, verbosity=0)
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    written = ["article", "attachment", "articletopic", "author", "image", "topic"]
    editor = [f"{action}_{model}" for model in written for action in ("add", "change", "view")]
    editor += ["delete_article", "delete_attachment", "delete_articletopic", "delete_image"]
    editor += ["view_publication", "view_withdrawal", "view_pin"]
    publisher = [*editor, "publish_article", "add_pin", "change_pin", "delete_pin", "delete_topic", "delete_author"]
    for name, codenames in {"editor": editor, "publisher": publisher}.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(content_type__app_label="news", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("news", "0002_core"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
