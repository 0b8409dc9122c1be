from django.db import migrations


def grant(apps, schema_editor):
    """Who answers "I got no mail" looks into the outbox, and has a mail sent again that could not be sent."""
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the group needs them now.
    create_permissions(installed.get_app_config("sccon"), apps=installed, verbosity=0)
    Permission = apps.get_model("auth", "Permission")
    may = Permission.objects.filter(content_type__app_label="sccon", codename__in=["view_mail", "resend_mail"])
    apps.get_model("auth", "Group").objects.get(name="tickets").permissions.add(*may)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_page_version"), ("sccon", "0003_resend_mail")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
