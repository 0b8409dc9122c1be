import re
import unicodedata

from django.db import migrations


def as_compared(address):
    """As addresses are compared from now on: in lower case and composed letters, parameters in order."""
    address = unicodedata.normalize("NFC", address.lower()).replace("%", "%25").replace(" ", "%20")
    path, _question, query = address.partition("?")
    path = re.sub(r";(jsessionid|phpsessid|sid)=[^/;]*", "", path)
    given = {part for part in query.replace("+", "%20").split("&") if part and not re.match("utm_|fbclid|gclid", part)}
    return (path + "?" + "&".join(sorted(given))).rstrip("/?")


def compare_anew(apps, schema_editor):
    Redirect = apps.get_model("news", "Redirect")
    rows = dict(Redirect.objects.order_by("pk").values_list("pk", "old_path"))
    taken = set(rows.values())
    for pk, old in rows.items():
        # Of two that are alike now the first stays; the other is found no more, and whoever sees it deletes it.
        if (new := as_compared(old)) not in taken:
            Redirect.objects.filter(pk=pk).update(old_path=new)
            taken.add(new)


class Migration(migrations.Migration):
    """Old addresses are compared without regard to case, composition, and the order of parameters."""

    dependencies = [("news", "0004_rights")]
    operations = [migrations.RunPython(compare_anew, migrations.RunPython.noop)]
