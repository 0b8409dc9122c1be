from django.contrib.auth.management import create_permissions
from django.db import migrations

EDITOR = {
    "news.article": "view add change delete",
    "news.articletopic": "view add change delete",
    "news.attachment": "view add change delete",
    "news.author": "view add change",
    "news.boilerplate": "view add change",
    "news.image": "view add change delete",
    "news.pin": "view",
    "news.publication": "view",
    "news.redirect": "view",
    "news.review": "view",
    "news.topic": "view add change",
    "news.withdrawal": "view",
}
PUBLISHER = EDITOR | {
    "news.article": "view add change delete publish",
    "news.author": "view add change delete",
    "news.boilerplate": "view add change delete",
    "news.pin": "view add change delete",
    "news.redirect": "view add change delete",
    "news.topic": "view add change delete",
}
GROUPS = {"editor": EDITOR, "publisher": PUBLISHER}


def make_groups(apps, schema_editor):
    """`editor` writes; `publisher` also publishes, withdraws, pins and changes what public pages share."""
    for label in ("news",):
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
        ("news", "0003_groups"),
        ("news", "0006_redirect_rights"),
        ("news", "0006_review_groups"),
        ("news", "0008_boilerplate_rights"),
    ]
    dependencies = [
        ("news", "0003_triggers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
