import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts, jobs, limits, mails and the version of the pages."""

    initial = True

    replaces = [
        ('sccon', '0001_initial'),
        ('sccon', '0002_mail_and_limits'),
        ('sccon', '0003_page_version'),
        ('sccon', '0003_resend_mail'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('procrastinate', '0041_post_retry_failed_job'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
            ],
            options={
                'verbose_name': 'job',
                'verbose_name_plural': 'jobs',
                'permissions': [('retry_job', 'Can run failed jobs again')],
                'proxy': True,
            },
            bases=('procrastinate.procrastinatejob',),
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('language', models.CharField(blank=True, choices=[('de', 'Deutsch'), ('en', 'English')], help_text='The admin speaks it. Empty: the browser decides.', max_length=2, verbose_name='language')),
                ('mail_on_review', models.BooleanField(default=True, help_text='When someone asks for a review, returns or publishes a text.', verbose_name='mail about reviews')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='JobError',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job_id', models.BigIntegerField(db_index=True, verbose_name='job')),
                ('attempt', models.PositiveIntegerField(verbose_name='attempt')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='time')),
                ('error', models.TextField(verbose_name='error')),
                ('traceback', models.TextField(verbose_name='traceback')),
            ],
            options={
                'verbose_name': 'job error',
                'verbose_name_plural': 'job errors',
                'constraints': [
                    models.UniqueConstraint(fields=('job_id', 'attempt'), name='one_error_an_attempt'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('key', models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ('ends_at', models.DateTimeField(db_index=True)),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'limit',
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('occasion', models.CharField(max_length=200, verbose_name='occasion')),
                ('recipient', models.CharField(max_length=320, verbose_name='recipient')),
                ('language', models.CharField(max_length=2, verbose_name='language')),
                ('template', models.CharField(max_length=80, verbose_name='template')),
                ('context', models.JSONField(verbose_name='content')),
                ('headers', models.JSONField(verbose_name='headers')),
                ('attachments', models.JSONField(verbose_name='attachments')),
                ('message_id', models.CharField(max_length=200, verbose_name='Message-ID')),
                ('status', models.CharField(choices=[('queued', 'waits to be sent'), ('sent', 'sent'), ('failed', 'not sent'), ('kept', "kept in the demo's mailbox")], default='queued', max_length=6, verbose_name='status')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='queued at')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent at')),
                ('emptied_at', models.DateTimeField(null=True, verbose_name='emptied at')),
            ],
            options={
                'verbose_name': 'mail',
                'verbose_name_plural': 'mails',
                'ordering': ['-created_at', '-pk'],
                'indexes': [
                    models.Index(fields=['created_at'], name='mail_created_at'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('occasion', 'recipient'), name='one_mail_an_occasion_and_recipient'),
                ],
                'permissions': [('resend_mail', 'Can send again what could not be sent')],
            },
        ),
        migrations.CreateModel(
            name='PageVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveBigIntegerField()),
            ],
            options={
                'verbose_name': 'page version',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_page_version'),
                ],
            },
        ),
        # Counts are worth no write-ahead log, and a crash may forget them.
        migrations.RunSQL('ALTER TABLE sccon_limit SET UNLOGGED', 'ALTER TABLE sccon_limit SET LOGGED'),
    ]
