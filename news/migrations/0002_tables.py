import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import news.models.preview_links
import news.models.publications
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Articles and what belongs to them, the record of what was public, and what search finds it by."""

    initial = True

    replaces = [
        ('news', '0002_core'),
        ('news', '0004_publication_roles'),
        ('news', '0005_redirects'),
        ('news', '0005_reviews'),
        ('news', '0005_versions'),
        ('news', '0007_library'),
        ('news', '0007_take_down'),
        ('news', '0009_share_pictures'),
        ('news', '0010_event_last_day'),
        ('news', '0010_open_forms'),
        ('news', '0012_author_addresses'),
        ('news', '0012_preview_links'),
    ]

    dependencies = [
        ('news', '0001_functions'),
        ('reversion', '0002_add_index_on_version_for_content_type_and_db'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(max_length=200, upload_to='', verbose_name='picture')),
                ('jpeg', models.FileField(editable=False, max_length=200, upload_to='')),
                ('width', models.PositiveIntegerField(editable=False, verbose_name='width')),
                ('height', models.PositiveIntegerField(editable=False, verbose_name='height')),
                ('alt', models.TextField(blank=True, help_text='What does someone learn who cannot see the picture?', max_length=500, null=True, verbose_name='alternative text')),
                ('alt_de', models.TextField(blank=True, help_text='What does someone learn who cannot see the picture?', max_length=500, null=True, verbose_name='alternative text')),
                ('alt_en', models.TextField(blank=True, help_text='What does someone learn who cannot see the picture?', max_length=500, null=True, verbose_name='alternative text')),
                ('caption', models.TextField(blank=True, max_length=500, null=True, verbose_name='caption')),
                ('caption_de', models.TextField(blank=True, max_length=500, null=True, verbose_name='caption')),
                ('caption_en', models.TextField(blank=True, max_length=500, null=True, verbose_name='caption')),
                ('credit', models.CharField(blank=True, max_length=200, verbose_name='credit')),
                ('decorative', models.BooleanField(default=False, help_text='Says nothing of its own; screen readers pass over it.', verbose_name='decorative')),
                ('focal_x', models.FloatField(default=0.5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='focal point from the left')),
                ('focal_y', models.FloatField(default=0.5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='focal point from the top')),
                ('ready_key', models.CharField(blank=True, editable=False, max_length=12)),
                ('ready_at', models.DateTimeField(editable=False, null=True)),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
                ('uploaded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'picture',
                'verbose_name_plural': 'pictures',
                'ordering': ['-uploaded_at', '-pk'],
                'indexes': [
                    models.Index(fields=['file'], name='image_file'),
                    models.Index(fields=['jpeg'], name='image_jpeg'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('alt_de__isnull', True), models.Q(('alt_de', ''), _negated=True), _connector='OR'), name='image_alt_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('alt_en__isnull', True), models.Q(('alt_en', ''), _negated=True), _connector='OR'), name='image_alt_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('caption_de__isnull', True), models.Q(('caption_de', ''), _negated=True), _connector='OR'), name='image_caption_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('caption_en__isnull', True), models.Q(('caption_en', ''), _negated=True), _connector='OR'), name='image_caption_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('focal_x__gte', 0), ('focal_x__lte', 1), ('focal_y__gte', 0), ('focal_y__lte', 1)), name='image_focal_point_inside'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('role', models.CharField(blank=True, max_length=120, null=True, verbose_name='role')),
                ('role_de', models.CharField(blank=True, max_length=120, null=True, verbose_name='role')),
                ('role_en', models.CharField(blank=True, max_length=120, null=True, verbose_name='role')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('portrait', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image', verbose_name='portrait')),
                ('phone', models.CharField(blank=True, help_text="Shown where this person is a press release's contact.", max_length=40, verbose_name='telephone')),
                ('slug', models.CharField(blank=True, help_text='Empty: made from the name.', max_length=120, null=True, verbose_name='address')),
            ],
            options={
                'verbose_name': 'author',
                'verbose_name_plural': 'authors',
                'ordering': ['name'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('role_de__isnull', True), models.Q(('role_de', ''), _negated=True), _connector='OR'), name='author_role_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('role_en__isnull', True), models.Q(('role_en', ''), _negated=True), _connector='OR'), name='author_role_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('slug__isnull', True), ('slug__regex', '^[a-z0-9]+(-[a-z0-9]+)*$'), _connector='OR'), name='author_slug_well_formed'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=12)),
                ('crop', models.CharField(choices=[('full', 'Full'), ('card', 'Card'), ('tall', 'Tall')], max_length=4)),
                ('format', models.CharField(choices=[('avif', 'Avif'), ('webp', 'Webp'), ('jpeg', 'Jpeg')], max_length=4)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('file', models.FileField(max_length=200, upload_to='')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='news.image')),
            ],
            options={
                'ordering': ['crop', 'format', 'width'],
                'indexes': [
                    models.Index(fields=['file'], name='rendition_file'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('image', 'key', 'crop', 'format', 'width'), name='one_rendition_of_a_kind'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, null=True, verbose_name='name')),
                ('name_de', models.CharField(max_length=80, null=True, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, null=True, verbose_name='name')),
                ('slug', models.CharField(blank=True, help_text='Empty: made from the name.', max_length=80, null=True, verbose_name='address')),
                ('slug_de', models.CharField(blank=True, help_text='Empty: made from the name.', max_length=80, null=True, verbose_name='address')),
                ('slug_en', models.CharField(blank=True, help_text='Empty: made from the name.', max_length=80, null=True, verbose_name='address')),
                ('description', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_de', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_en', models.TextField(blank=True, null=True, verbose_name='description')),
                ('accent', models.CharField(choices=[('violet', 'Violet'), ('indigo', 'Indigo'), ('blue', 'Blue'), ('teal', 'Teal'), ('apricot', 'Apricot'), ('coral', 'Coral')], default='violet', help_text='Of the tile that stands for a missing picture.', max_length=10, verbose_name='colour')),
            ],
            options={
                'verbose_name': 'topic',
                'verbose_name_plural': 'topics',
                'ordering': ['name_de'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name_de__isnull', True), models.Q(('name_de', ''), _negated=True), _connector='OR'), name='topic_name_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('name_en__isnull', True), models.Q(('name_en', ''), _negated=True), _connector='OR'), name='topic_name_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('description_de__isnull', True), models.Q(('description_de', ''), _negated=True), _connector='OR'), name='topic_description_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('description_en__isnull', True), models.Q(('description_en', ''), _negated=True), _connector='OR'), name='topic_description_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('slug_de__isnull', True), ('slug_de__regex', '^[a-z0-9]+(-[a-z0-9]+)*$'), _connector='OR'), name='topic_slug_de_well_formed'),
                    models.CheckConstraint(condition=models.Q(('slug_en__isnull', True), ('slug_en__regex', '^[a-z0-9]+(-[a-z0-9]+)*$'), _connector='OR'), name='topic_slug_en_well_formed'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TopicAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2)),
                ('slug', models.CharField(max_length=80)),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='news.topic')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('language', 'slug'), name='topic_address_is_one_topics', violation_error_message='Another topic has, or had, this address.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Boilerplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, null=True, verbose_name='title')),
                ('title_de', models.CharField(max_length=120, null=True, verbose_name='title')),
                ('title_en', models.CharField(max_length=120, null=True, verbose_name='title')),
                ('text', models.TextField(blank=True, null=True, verbose_name='text')),
                ('text_de', models.TextField(blank=True, null=True, verbose_name='text')),
                ('text_en', models.TextField(blank=True, null=True, verbose_name='text')),
            ],
            options={
                'verbose_name': 'boilerplate',
                'verbose_name_plural': 'boilerplates',
                'ordering': ['title_de'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('title_de__isnull', True), models.Q(('title_de', ''), _negated=True), _connector='OR'), name='boilerplate_title_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('title_en__isnull', True), models.Q(('title_en', ''), _negated=True), _connector='OR'), name='boilerplate_title_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('text_de__isnull', True), models.Q(('text_de', ''), _negated=True), _connector='OR'), name='boilerplate_text_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('text_en__isnull', True), models.Q(('text_en', ''), _negated=True), _connector='OR'), name='boilerplate_text_en_not_empty'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('news', 'News'), ('press_release', 'Press release'), ('page', 'Page')], default='news', max_length=13, verbose_name='kind')),
                ('role', models.CharField(blank=True, choices=[('imprint', 'Imprint'), ('privacy', 'Privacy'), ('accessibility', 'Accessibility'), ('terms', 'Terms')], help_text="Of a page that every page's foot leads to.", max_length=13, null=True, unique=True, verbose_name='role')),
                ('title', models.TextField(blank=True, max_length=200, null=True, verbose_name='title')),
                ('title_de', models.TextField(blank=True, max_length=200, null=True, verbose_name='title')),
                ('title_en', models.TextField(blank=True, max_length=200, null=True, verbose_name='title')),
                ('slug', models.CharField(blank=True, max_length=120, null=True, verbose_name='address')),
                ('slug_de', models.CharField(blank=True, max_length=120, null=True, verbose_name='address')),
                ('slug_en', models.CharField(blank=True, max_length=120, null=True, verbose_name='address')),
                ('lead', models.TextField(blank=True, max_length=600, null=True, verbose_name='lead')),
                ('lead_de', models.TextField(blank=True, max_length=600, null=True, verbose_name='lead')),
                ('lead_en', models.TextField(blank=True, max_length=600, null=True, verbose_name='lead')),
                ('body', models.TextField(blank=True, null=True, verbose_name='text')),
                ('body_de', models.TextField(blank=True, null=True, verbose_name='text')),
                ('body_en', models.TextField(blank=True, null=True, verbose_name='text')),
                ('seo_title', models.CharField(blank=True, max_length=120, null=True, verbose_name='title for search engines')),
                ('seo_title_de', models.CharField(blank=True, max_length=120, null=True, verbose_name='title for search engines')),
                ('seo_title_en', models.CharField(blank=True, max_length=120, null=True, verbose_name='title for search engines')),
                ('seo_description', models.TextField(blank=True, max_length=300, null=True, verbose_name='description for search engines')),
                ('seo_description_de', models.TextField(blank=True, max_length=300, null=True, verbose_name='description for search engines')),
                ('seo_description_en', models.TextField(blank=True, max_length=300, null=True, verbose_name='description for search engines')),
                ('image_position', models.CharField(choices=[('top', 'Above the text'), ('after', 'After the text')], default='top', max_length=5, verbose_name='place of the picture')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('saved_at', models.DateTimeField(auto_now=True, verbose_name='last saved')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('related', models.ManyToManyField(blank=True, related_name='+', to='news.article', verbose_name='related articles')),
                ('saved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='news.author', verbose_name='author')),
                ('image', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='news.image', verbose_name='picture')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.author', verbose_name='press contact')),
                ('image_alt', models.TextField(blank=True, max_length=500, null=True, verbose_name='alternative text here')),
                ('image_alt_de', models.TextField(blank=True, max_length=500, null=True, verbose_name='alternative text here')),
                ('image_alt_en', models.TextField(blank=True, max_length=500, null=True, verbose_name='alternative text here')),
                ('image_decorative', models.BooleanField(db_default=False, default=False, help_text='Beside this text it says nothing of its own.', verbose_name='decorative here')),
                ('boilerplate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.boilerplate', verbose_name='boilerplate')),
                ('en_matches', models.PositiveIntegerField(editable=False, null=True)),
                ('event_last_day', models.DateField(blank=True, help_text='From the day after, a line above the text says that the event is over.', null=True, verbose_name='last day of the event it announces')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'ordering': ['-saved_at'],
                'permissions': [('publish_article', 'Can publish and withdraw articles')],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('title_de__isnull', True), models.Q(('title_de', ''), _negated=True), _connector='OR'), name='article_title_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('title_en__isnull', True), models.Q(('title_en', ''), _negated=True), _connector='OR'), name='article_title_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('lead_de__isnull', True), models.Q(('lead_de', ''), _negated=True), _connector='OR'), name='article_lead_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('lead_en__isnull', True), models.Q(('lead_en', ''), _negated=True), _connector='OR'), name='article_lead_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('body_de__isnull', True), models.Q(('body_de', ''), _negated=True), _connector='OR'), name='article_body_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('body_en__isnull', True), models.Q(('body_en', ''), _negated=True), _connector='OR'), name='article_body_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('seo_title_de__isnull', True), models.Q(('seo_title_de', ''), _negated=True), _connector='OR'), name='article_seo_title_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('seo_title_en__isnull', True), models.Q(('seo_title_en', ''), _negated=True), _connector='OR'), name='article_seo_title_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('seo_description_de__isnull', True), models.Q(('seo_description_de', ''), _negated=True), _connector='OR'), name='article_seo_description_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('seo_description_en__isnull', True), models.Q(('seo_description_en', ''), _negated=True), _connector='OR'), name='article_seo_description_en_not_empty'),
                    models.CheckConstraint(condition=models.Q(('slug_de__isnull', True), ('slug_de__regex', '^[a-z0-9]+(-[a-z0-9]+)*$'), _connector='OR'), name='article_slug_de_well_formed'),
                    models.CheckConstraint(condition=models.Q(('slug_en__isnull', True), ('slug_en__regex', '^[a-z0-9]+(-[a-z0-9]+)*$'), _connector='OR'), name='article_slug_en_well_formed'),
                    models.CheckConstraint(condition=models.Q(('role__isnull', True), ('kind', 'page'), _connector='OR'), name='article_role_is_a_pages'),
                    models.CheckConstraint(condition=models.Q(('image_alt_de__isnull', True), models.Q(('image_alt_de', ''), _negated=True), _connector='OR'), name='article_image_alt_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('image_alt_en__isnull', True), models.Q(('image_alt_en', ''), _negated=True), _connector='OR'), name='article_image_alt_en_not_empty'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('outcome', models.CharField(choices=[('gone', 'It is gone: the address says so (410)'), ('replaced', 'Another article replaces it: the address leads there (301)'), ('notice', 'It stays readable, under a notice')], max_length=8, verbose_name='outcome')),
                ('reason', models.TextField(verbose_name='reason')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='news.article')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.article', verbose_name='replaced by')),
            ],
            options={
                'verbose_name': 'withdrawal',
                'verbose_name_plural': 'withdrawals',
                'ordering': ['-at'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'replaced'), ('target__isnull', False)), models.Q(models.Q(('outcome', 'replaced'), _negated=True), ('target__isnull', True)), _connector='OR'), name='withdrawal_replaced_has_target'),
                    models.CheckConstraint(condition=models.Q(('target', models.F('article')), _negated=True), name='withdrawal_not_by_itself'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='withdrawal_has_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(max_length=200, upload_to='', verbose_name='file')),
                ('title', models.CharField(blank=True, max_length=200, null=True, verbose_name='title')),
                ('title_de', models.CharField(blank=True, max_length=200, null=True, verbose_name='title')),
                ('title_en', models.CharField(blank=True, max_length=200, null=True, verbose_name='title')),
                ('size', models.PositiveBigIntegerField(editable=False, verbose_name='size')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='news.article')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
                'ordering': ['position', 'pk'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('title_de__isnull', True), models.Q(('title_de', ''), _negated=True), _connector='OR'), name='attachment_title_de_not_empty'),
                    models.CheckConstraint(condition=models.Q(('title_en__isnull', True), models.Q(('title_en', ''), _negated=True), _connector='OR'), name='attachment_title_en_not_empty'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Pin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, verbose_name='position')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='pin', to='news.article', verbose_name='article')),
            ],
            options={
                'verbose_name': 'pin',
                'verbose_name_plural': 'pins',
                'ordering': ['position', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('kind', models.CharField(choices=[('news', 'News'), ('press_release', 'Press release'), ('page', 'Page')], max_length=13, verbose_name='kind')),
                ('role', models.CharField(choices=[('imprint', 'Imprint'), ('privacy', 'Privacy'), ('accessibility', 'Accessibility'), ('terms', 'Terms')], max_length=13, null=True, verbose_name='role')),
                ('path', models.CharField(max_length=126, verbose_name='address')),
                ('title', models.TextField(verbose_name='title')),
                ('lead', models.TextField(blank=True, verbose_name='lead')),
                ('body', models.TextField(verbose_name='text')),
                ('seo_title', models.CharField(blank=True, max_length=120)),
                ('seo_description', models.TextField(blank=True)),
                ('notice', models.TextField(blank=True, verbose_name='notice')),
                ('image_position', models.CharField(choices=[('top', 'Above the text'), ('after', 'After the text')], max_length=5)),
                ('visible', django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name='public')),
                ('first_published_at', models.DateTimeField(verbose_name='first published')),
                ('updated_at', models.DateTimeField(null=True, verbose_name='updated')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='news.article', verbose_name='article')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.author')),
                ('image', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image')),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('boilerplate', models.TextField(blank=True, db_default='')),
                ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.author')),
                ('image_alt', models.TextField(null=True)),
                ('version', models.PositiveIntegerField(null=True)),
                ('continues', models.BooleanField(db_default=False, default=False)),
                ('redacted_at', models.DateTimeField(null=True, verbose_name='taken down')),
                ('redacted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken down by')),
                ('redaction_reason', models.TextField(blank=True, db_default='', verbose_name='reason of the take-down')),
                ('search_files', models.TextField(blank=True, db_default='', editable=False)),
                ('search_marks', models.TextField(blank=True, db_default='', editable=False)),
                ('search', news.models.publications.Vector(db_persist=True, expression=models.Func('language', 'title', 'lead', 'search_files', 'body', 'search_marks', function='news_search_vector'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('search_title', news.models.publications.Vector(db_persist=True, expression=models.Func('language', 'title', 'search_marks', function='news_title_vector'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('event_last_day', models.DateField(null=True)),
            ],
            options={
                'verbose_name': 'publication',
                'verbose_name_plural': 'publications',
                'ordering': ['-visible'],
                'indexes': [
                    models.Index(fields=['language', 'path'], name='publication_address'),
                    models.Index(condition=models.Q(('kind', 'page'), _negated=True), fields=['language', '-first_published_at', '-article'], name='publication_newest_news'),
                    models.Index(fields=['image'], name='publication_image'),
                    models.Index(condition=models.Q(('role__isnull', False)), fields=['language', 'role'], name='publication_roles'),
                    models.Index(django.contrib.postgres.fields.ranges.RangeStartsWith('visible'), name='publication_begins_at'),
                    models.Index(django.contrib.postgres.fields.ranges.RangeEndsWith('visible'), name='publication_ends_at'),
                    django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'de'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search'], name='publication_search_de'),
                    django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'en'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search'], name='publication_search_en'),
                    django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'de'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search_title'], name='publication_search_title_de'),
                    django.contrib.postgres.indexes.GinIndex(condition=models.Q(('language', 'en'), models.Q(('kind', 'page'), _negated=True)), fastupdate=False, fields=['search_title'], name='publication_search_title_en'),
                ],
                'constraints': [
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('article', '='), ('language', '='), ('visible', '&&')], name='one_text_an_instant'),
                    django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('language', '='), ('path', '='), ('article', '<>')], name='address_is_one_articles'),
                    models.CheckConstraint(condition=models.Q(('path__regex', '^(news/)?[a-z0-9]+(-[a-z0-9]+)*$')), name='publication_path_well_formed'),
                    models.CheckConstraint(condition=models.Q(('path__regex', '^(news/(search|topics|authors|archive|preview|feed|feeds|[0-9]{4})|news|newsletter|tickets|admin|media|static|webhooks|healthz|readyz|demo|check-in|search|feed|de|en|jsi18n)$'), _negated=True), name='publication_path_not_ours'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'page'), ('path__regex', '^[^/]+$')), models.Q(models.Q(('kind', 'page'), _negated=True), ('path__regex', '^news/')), _connector='OR'), name='publication_path_fits_kind'),
                    models.CheckConstraint(condition=models.Q(('role__isnull', True), ('kind', 'page'), _connector='OR'), name='publication_role_is_a_pages'),
                    models.CheckConstraint(condition=models.Q(('visible__isempty', False), ('visible__lower_inc', True), ('visible__lower_inf', False), ('visible__upper_inc', False)), name='publication_begins'),
                    models.CheckConstraint(condition=models.Q(('language__in', ['de', 'en'])), name='publication_language_known'),
                    models.CheckConstraint(condition=models.Q(models.Q(models.Q(('title', ''), _negated=True), models.Q(('body', ''), _negated=True), ('redacted_at', None), ('redacted_by', None), ('redaction_reason', '')), models.Q(('body', ''), ('boilerplate', ''), ('lead', ''), ('notice', ''), ('seo_description', ''), ('seo_title', ''), ('title', ''), ('image_alt', None), ('redacted_at__isnull', False), models.Q(('redaction_reason', ''), _negated=True)), _connector='OR'), name='publication_says_something'),
                ],
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PublicationAttachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('file', models.FileField(db_index=True, max_length=200, upload_to='')),
                ('title', models.CharField(max_length=200)),
                ('size', models.PositiveBigIntegerField()),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='publication_attachments', to='news.publication')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PublicationImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publication_images', to='news.image')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='publication_images', to='news.publication')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
                'constraints': [
                    models.UniqueConstraint(fields=('publication', 'image'), name='publication_shows_image_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PublicationRelated',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.article')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='publication_related', to='news.publication')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
                'constraints': [
                    models.UniqueConstraint(fields=('publication', 'article'), name='publication_relates_once'),
                ],
            },
        ),
        migrations.AddField(
            model_name='publication',
            name='related',
            field=models.ManyToManyField(related_name='+', through='news.PublicationRelated', to='news.article'),
        ),
        migrations.CreateModel(
            name='PublicationTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='publication_topics', to='news.publication')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publication_topics', to='news.topic')),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
                'constraints': [
                    models.UniqueConstraint(fields=('publication', 'topic'), name='publication_has_topic_once'),
                ],
            },
        ),
        migrations.AddField(
            model_name='publication',
            name='topics',
            field=models.ManyToManyField(related_name='publications', through='news.PublicationTopic', to='news.topic'),
        ),
        migrations.CreateModel(
            name='ArticleTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='article_topics', to='news.article')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='article_topics', to='news.topic')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('article', 'topic'), name='article_has_topic_once'),
                ],
            },
        ),
        migrations.AddField(
            model_name='article',
            name='topics',
            field=models.ManyToManyField(related_name='articles', through='news.ArticleTopic', to='news.topic', verbose_name='topics'),
        ),
        migrations.CreateModel(
            name='Redirect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_path', models.CharField(max_length=500, unique=True, verbose_name='old address')),
                ('language', models.CharField(blank=True, choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('url', models.CharField(blank=True, max_length=500, verbose_name='address')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.article', verbose_name='article')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'redirect',
                'verbose_name_plural': 'redirects',
                'ordering': ['old_path'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('article__isnull', False), ('url', ''), models.Q(('language', ''), _negated=True)), models.Q(('article__isnull', True), ('language', ''), models.Q(('url', ''), _negated=True)), _connector='OR'), name='redirect_leads_to_one_thing'),
                    models.CheckConstraint(condition=models.Q(('old_path__regex', '^/[^\\s#]*[^\\s#/]$')), name='redirect_old_path_is_a_path'),
                    models.CheckConstraint(condition=models.Q(('url', ''), ('url__regex', '^(/([^/\\s][^\\s]*)?|https?://[^\\s]+)$'), _connector='OR'), name='redirect_url_well_formed'),
                    models.CheckConstraint(condition=models.Q(('url', models.F('old_path')), _negated=True), name='redirect_not_to_itself'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='asked')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('decision', models.CharField(blank=True, choices=[('returned', 'returned'), ('published', 'published'), ('taken_back', 'taken back')], max_length=10, verbose_name='decision')),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='news.article', verbose_name='article')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
            ],
            options={
                'verbose_name': 'review',
                'verbose_name_plural': 'reviews',
                'ordering': ['-asked_at', '-pk'],
                'indexes': [
                    models.Index(fields=['asked_by', '-decided_at'], name='review_asked_by'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('article', 'language'), name='one_open_review_a_language'),
                    models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decision', '')), models.Q(('decided_at__isnull', False), ('decision__in', ['returned', 'published', 'taken_back'])), _connector='OR'), name='review_open_or_decided'),
                    models.CheckConstraint(condition=models.Q(('language__in', ['de', 'en'])), name='review_language_known'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ArticleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_default=models.Func(function='clock_timestamp', output_field=models.DateTimeField()))),
                ('changed', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list)),
                ('german', models.CharField(max_length=32)),
                ('spares_translations', models.BooleanField(default=False)),
                ('restored_from', models.PositiveIntegerField(null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='news.article')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='reversion.revision')),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'ordering': ['-number'],
                'indexes': [
                    models.Index(fields=['article', '-at'], name='version_history'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('article', 'number'), name='article_has_version_once'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='version_counts_from_one'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_default=models.Func(function='clock_timestamp', output_field=models.DateTimeField()))),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='confirmations', to='news.article')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'confirmation of a translation',
                'verbose_name_plural': 'confirmations of translations',
                'ordering': ['-at'],
                'indexes': [
                    models.Index(fields=['article', '-at'], name='confirmation_history'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SharePicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(db_index=True, max_length=200, upload_to='')),
                ('key', models.CharField(max_length=12)),
                ('drawn_at', models.DateTimeField(auto_now=True)),
                ('publication', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='share_picture', to='news.publication')),
            ],
        ),
        migrations.CreateModel(
            name='OpenForm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('window', models.CharField(max_length=40)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='open_forms', to='news.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'open window',
                'verbose_name_plural': 'open windows',
                'indexes': [
                    models.Index(fields=['seen_at'], name='open_form_seen'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('article', 'user', 'window'), name='open_form_once_a_window'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2)),
                ('key', models.CharField(max_length=60)),
                ('shown', models.CharField(max_length=60)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['language', 'key'], name='word_key'),
                    django.contrib.postgres.indexes.GinIndex(fields=['key'], name='word_parts', opclasses=['gin_trgm_ops']),
                ],
            },
        ),
        migrations.CreateModel(
            name='AuthorAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=120, unique=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='news.author')),
            ],
        ),
        migrations.CreateModel(
            name='PreviewLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('key', models.CharField(default=news.models.preview_links.new_key, editable=False, max_length=22, unique=True)),
                ('version', models.PositiveIntegerField(null=True, verbose_name='version')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='preview_links', to='news.article')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'preview link',
                'verbose_name_plural': 'preview links',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='ArticleIndex',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='index', serialize=False, to='news.article')),
                ('search', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [
                    django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=['search'], name='article_search'),
                ],
            },
        ),
    ]
