import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('news', '0006_compatible_letters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='articletopic',
            options={'ordering': ['position', 'pk'], 'verbose_name': 'topic of an article', 'verbose_name_plural': 'topics of articles'},
        ),
        migrations.AlterField(
            model_name='article',
            name='slug',
            field=models.CharField(blank=True, max_length=120, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='article',
            name='slug_de',
            field=models.CharField(blank=True, max_length=120, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='article',
            name='slug_en',
            field=models.CharField(blank=True, max_length=120, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='author',
            name='slug',
            field=models.CharField(blank=True, help_text='Empty: made from the name.', max_length=120, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.author', verbose_name='author'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='image',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image', verbose_name='picture'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='published_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='recorded_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='written into the record'),
        ),
        migrations.AlterField(
            model_name='redirect',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AlterField(
            model_name='topic',
            name='slug',
            field=models.CharField(blank=True, help_text='Empty: made from the name.', max_length=80, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='topic',
            name='slug_de',
            field=models.CharField(blank=True, help_text='Empty: made from the name.', max_length=80, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='topic',
            name='slug_en',
            field=models.CharField(blank=True, help_text='Empty: made from the name.', max_length=80, null=True, verbose_name='address of the page (URL)'),
        ),
        migrations.AlterField(
            model_name='withdrawal',
            name='article',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='news.article', verbose_name='article'),
        ),
        migrations.AlterField(
            model_name='withdrawal',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by'),
        ),
        migrations.AlterField(
            model_name='withdrawal',
            name='outcome',
            field=models.CharField(choices=[('gone', 'It is gone: the address says so'), ('replaced', 'Another article replaces it: the address leads there'), ('notice', 'It stays readable, under a notice')], max_length=8, verbose_name='outcome'),
        ),
    ]
