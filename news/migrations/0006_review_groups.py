from django.db import migrations


def let_everyone_see_reviews(apps, schema_editor):
    """Editors and publishers read the list of reviews; `news.reviewing` alone writes it."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    create_permissions(installed.get_app_config("news"), apps=installed, verbosity=0)
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="news", codename="view_review"
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["editor", "publisher"]):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("news", "0005_reviews")]
    operations = [migrations.RunPython(let_everyone_see_reviews, migrations.RunPython.noop)]
