import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Subscribers, and their consents, which are proof and do not change."""

    initial = True

    replaces = [
        ('newsletter', '0001_subscribers'),
    ]

    dependencies = [
        ('news', '0002_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('email_hash', models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ('reason', models.CharField(choices=[('erased', 'data deleted on request'), ('complained', 'complained')], max_length=10, verbose_name='reason')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='time')),
            ],
            options={
                'verbose_name': 'suppression',
                'verbose_name_plural': 'suppressions',
                'default_permissions': [],
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254, verbose_name='e-mail address')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('status', models.CharField(choices=[('pending', 'not yet confirmed'), ('active', 'subscribed'), ('unsubscribed', 'unsubscribed'), ('bounced', 'undeliverable'), ('complained', 'complained')], default='pending', max_length=12, verbose_name='status')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='first request')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='subscribed since')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('topics', models.ManyToManyField(blank=True, help_text='None: the news of all topics.', related_name='+', to='news.topic', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'subscriber',
                'verbose_name_plural': 'subscribers',
                'ordering': ['-created_at', '-pk'],
                'permissions': [('unsubscribe_subscriber', 'Can unsubscribe subscribers'), ('erase_subscriber', 'Can delete the data of subscribers')],
                'default_permissions': ['view'],
                'indexes': [
                    models.Index(fields=['status', 'language'], name='subscriber_status'),
                ],
                'constraints': [
                    models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='subscriber_has_an_address_of_their_own'),
                    models.CheckConstraint(condition=models.Q(models.Q(('status', 'active'), _negated=True), models.Q(('confirmed_at__isnull', False), ('ended_at__isnull', True)), _connector='OR'), name='subscriber_active_has_confirmed'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'active']), ('ended_at__isnull', False), _connector='OR'), name='subscriber_ended_says_when'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sign_up', 'newsletter'), ('address', 'newsletter at a new address')], max_length=8, verbose_name='consent to')),
                ('email', models.CharField(max_length=254, verbose_name='e-mail address')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('wording', models.TextField(verbose_name='wording')),
                ('wording_version', models.CharField(max_length=20, verbose_name='version of the wording')),
                ('source', models.CharField(max_length=200, verbose_name='page')),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='requested at')),
                ('requested_network', models.CharField(blank=True, max_length=50, verbose_name='network of the request')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                ('confirmed_network', models.CharField(blank=True, max_length=50, verbose_name='network of the confirmation')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='newsletter.subscriber')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'ordering': ['-requested_at', '-pk'],
                'default_permissions': ['view'],
                'indexes': [
                    models.Index(condition=models.Q(('confirmed_at', None)), fields=['requested_at'], name='consent_unconfirmed'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', True), ('confirmed_at__gte', models.F('requested_at')), _connector='OR'), name='consent_confirmed_after_request'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SignUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254, verbose_name='e-mail address')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, verbose_name='time')),
                ('consent', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_up', to='newsletter.consent')),
                ('topics', models.ManyToManyField(blank=True, related_name='+', to='news.topic', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'sign-up',
                'verbose_name_plural': 'sign-ups',
                'default_permissions': [],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('requested', 'asked for the newsletter'), ('confirmed', 'confirmed the address'), ('preferences', 'changed topics or language'), ('address', 'changed the address'), ('unsubscribed', 'unsubscribed')], max_length=12, verbose_name='what')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='time')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='through')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='newsletter.subscriber')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'history',
                'ordering': ['-at', '-pk'],
                'default_permissions': ['view'],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='proven', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.confirmed_at IS NOT NULL\n        OR (to_jsonb(OLD) - 'confirmed_at' - 'confirmed_network')\n           IS DISTINCT FROM (to_jsonb(NEW) - 'confirmed_at' - 'confirmed_network')\n    THEN\n        RAISE EXCEPTION 'Consent % is proof and does not change.', OLD.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='c722e8c87a5d5245462757d64ceb8344e3aa0c45', operation='UPDATE', pgid='pgtrigger_proven_ca5b4', table='newsletter_consent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.confirmed_at IS NOT NULL\n        AND current_setting('newsletter.erasing', true) IS DISTINCT FROM OLD.subscriber_id::text\n    THEN\n        RAISE EXCEPTION 'Consent % is proof and stays.', OLD.id USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='15f6ddcd38f9f562646f4135929659b1cc0ffcdf', operation='DELETE', pgid='pgtrigger_kept_50d46', table='newsletter_consent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'Consents are proof and stay.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='54661cd66acfc13ebc851f2f3a3c17f5dc845a77', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_84ba3', table='newsletter_consent', when='BEFORE')),
        ),
    ]
