from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Exclusion constraints over texts and numbers need btree_gist."""

    initial = True
    dependencies = []
    operations = [BtreeGistExtension()]
