import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('news', '0007_names'),
        ('newsletter', '0004_move_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Slice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('mails', models.PositiveIntegerField()),
            ],
            options={
                'default_permissions': [],
            },
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('slug', models.CharField(max_length=120)),
                ('sender', models.CharField(max_length=320)),
                ('subject', models.CharField(max_length=220, verbose_name='subject')),
                ('preheader', models.CharField(blank=True, max_length=200)),
                ('intro', models.TextField(blank=True)),
                ('items', models.JSONField()),
                ('html', models.TextField()),
                ('text', models.TextField()),
                ('mark', models.CharField(max_length=32)),
                ('archived', models.BooleanField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='sent since')),
                ('redacted_at', models.DateTimeField(null=True, verbose_name='taken down')),
                ('redaction_reason', models.TextField(blank=True, db_default='')),
                ('redacted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'edition',
                'verbose_name_plural': 'editions',
                'ordering': ['-made_at', 'language'],
                'permissions': [('redact_edition', 'Can take down what was sent')],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=1000, verbose_name='correction')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='time')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='newsletter.edition')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['at', 'pk'],
                'default_permissions': ['add', 'view'],
            },
        ),
        migrations.CreateModel(
            name='EditionPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.CharField(max_length=200)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pictures', to='newsletter.edition')),
            ],
            options={
                'default_permissions': [],
            },
        ),
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(blank=True, max_length=200, null=True, verbose_name='subject')),
                ('subject_de', models.CharField(blank=True, max_length=200, null=True, verbose_name='subject')),
                ('subject_en', models.CharField(blank=True, max_length=200, null=True, verbose_name='subject')),
                ('preheader', models.CharField(blank=True, help_text='What mailboxes show beside the subject.', max_length=200, null=True, verbose_name='preheader')),
                ('preheader_de', models.CharField(blank=True, help_text='What mailboxes show beside the subject.', max_length=200, null=True, verbose_name='preheader')),
                ('preheader_en', models.CharField(blank=True, help_text='What mailboxes show beside the subject.', max_length=200, null=True, verbose_name='preheader')),
                ('intro', models.TextField(blank=True, null=True, verbose_name='introduction')),
                ('intro_de', models.TextField(blank=True, null=True, verbose_name='introduction')),
                ('intro_en', models.TextField(blank=True, null=True, verbose_name='introduction')),
                ('only', models.CharField(blank=True, choices=[('de', 'Deutsch'), ('en', 'English')], max_length=2, verbose_name='only in')),
                ('commercial', models.BooleanField(default=False, help_text='It advertises something: the mail then says so at its head, as § 6 DDG wants it.', verbose_name='advertising')),
                ('in_archive', models.BooleanField(default=True, help_text='Everybody can read it on the website once it is sent.', verbose_name='in the archive')),
                ('to_all', models.BooleanField(default=True, verbose_name='to everybody')),
                ('send_at', models.DateTimeField(blank=True, null=True, verbose_name='send at')),
                ('window_from', models.TimeField(blank=True, null=True, verbose_name='not before')),
                ('window_until', models.TimeField(blank=True, null=True, verbose_name='not after')),
                ('status', models.CharField(choices=[('draft', 'draft'), ('scheduled', 'scheduled'), ('sending', 'being sent'), ('paused', 'paused'), ('sent', 'sent'), ('cancelled', 'cancelled')], default='draft', editable=False, max_length=9, verbose_name='status')),
                ('ordered_at', models.DateTimeField(editable=False, null=True)),
                ('expected', models.JSONField(default=dict, editable=False)),
                ('confirmed', models.JSONField(default=list, editable=False)),
                ('begin_at', models.DateTimeField(editable=False, null=True, verbose_name='begins at')),
                ('started_at', models.DateTimeField(editable=False, null=True, verbose_name='begun')),
                ('ended_at', models.DateTimeField(editable=False, null=True, verbose_name='ended')),
                ('pause', models.CharField(blank=True, choices=[('staff', 'someone paused it'), ('relay', 'the relay does not take our mails'), ('build', 'the mails cannot be built'), ('changed', 'the number of recipients changed'), ('checks', 'a check blocks it'), ('interrupted', 'it was interrupted for a long time')], editable=False, max_length=11)),
                ('pause_words', models.TextField(blank=True, editable=False)),
                ('paused_at', models.DateTimeField(editable=False, null=True)),
                ('beat_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='created')),
                ('saved_at', models.DateTimeField(auto_now=True, verbose_name='last saved')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ordered_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('paused_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('saved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('topics', models.ManyToManyField(blank=True, related_name='+', to='news.topic', verbose_name='topics')),
            ],
            options={
                'verbose_name': 'issue',
                'verbose_name_plural': 'issues',
                'ordering': ['-created_at', '-pk'],
                'permissions': [('send_issue', 'Can send, pause, resume and cancel issues')],
            },
        ),
        migrations.AddField(
            model_name='edition',
            name='issue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='newsletter.issue'),
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(blank=True, max_length=100)),
                ('state', models.CharField(choices=[('queued', 'waiting'), ('flying', 'in flight'), ('sent', 'accepted by the relay'), ('failed', 'failed'), ('suppressed', 'left before it was sent'), ('cancelled', 'cancelled')], db_default='queued', default='queued', max_length=10, verbose_name='state')),
                ('place', models.IntegerField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='attempts')),
                ('next_try_at', models.DateTimeField(null=True, verbose_name='next attempt')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='sent at')),
                ('answer', models.TextField(blank=True, db_default='', verbose_name="the relay's answer")),
                ('possibly_twice', models.BooleanField(db_default=False, default=False, verbose_name='possibly twice')),
                ('bounced_at', models.DateTimeField(null=True, verbose_name='came back at')),
                ('bounce', models.CharField(blank=True, db_default='', max_length=200, verbose_name='why it came back')),
                ('complained_at', models.DateTimeField(null=True, verbose_name='complained at')),
                ('left_at', models.DateTimeField(null=True, verbose_name='left because of it at')),
                ('subscriber', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='newsletter.subscriber')),
                ('edition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='newsletter.edition')),
                ('issue', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='newsletter.issue')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='IssueItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('heading', models.CharField(blank=True, max_length=200, null=True, verbose_name='heading')),
                ('heading_de', models.CharField(blank=True, max_length=200, null=True, verbose_name='heading')),
                ('heading_en', models.CharField(blank=True, max_length=200, null=True, verbose_name='heading')),
                ('text', models.TextField(blank=True, null=True, verbose_name='text')),
                ('text_de', models.TextField(blank=True, null=True, verbose_name='text')),
                ('text_en', models.TextField(blank=True, null=True, verbose_name='text')),
                ('alt', models.CharField(blank=True, max_length=500, null=True, verbose_name='alternative text here')),
                ('alt_de', models.CharField(blank=True, max_length=500, null=True, verbose_name='alternative text here')),
                ('alt_en', models.CharField(blank=True, max_length=500, null=True, verbose_name='alternative text here')),
                ('with_picture', models.BooleanField(default=True, verbose_name='with picture')),
                ('button_label', models.CharField(blank=True, max_length=80, null=True, verbose_name='button')),
                ('button_label_de', models.CharField(blank=True, max_length=80, null=True, verbose_name='button')),
                ('button_label_en', models.CharField(blank=True, max_length=80, null=True, verbose_name='button')),
                ('button_url', models.CharField(blank=True, max_length=500, null=True, verbose_name='the button leads to')),
                ('button_url_de', models.CharField(blank=True, max_length=500, null=True, verbose_name='the button leads to')),
                ('button_url_en', models.CharField(blank=True, max_length=500, null=True, verbose_name='the button leads to')),
                ('article', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.article', verbose_name='article')),
                ('image', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image', verbose_name='picture')),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='newsletter.issue')),
            ],
            options={
                'verbose_name': 'item',
                'verbose_name_plural': 'items',
                'ordering': ['position', 'pk'],
                'default_permissions': [],
            },
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('way', models.CharField(choices=[('mail', 'by mail'), ('webhook', "by the provider's webhook"), ('dialogue', "the relay's answer")], max_length=8, verbose_name='how it came')),
                ('event', models.CharField(max_length=200)),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received')),
                ('raw', models.BinaryField()),
                ('judged_at', models.DateTimeField(null=True)),
                ('verdict', models.CharField(blank=True, choices=[('dead', 'no such mailbox'), ('soft', 'full or slow'), ('ours', 'about us'), ('complaint', 'complaint'), ('nothing', 'nothing to do'), ('unreadable', 'cannot be read')], max_length=10, verbose_name='verdict')),
                ('code', models.CharField(blank=True, max_length=20, verbose_name='code')),
                ('words', models.TextField(blank=True, verbose_name='what it says')),
                ('forged', models.BooleanField(db_default=False, default=False)),
                ('delivery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='returns', to='newsletter.delivery', verbose_name='delivery')),
            ],
            options={
                'verbose_name': 'return',
                'verbose_name_plural': 'returns',
                'ordering': ['-received_at', '-pk'],
                'default_permissions': ['view'],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('pk', models.CompositePrimaryKey('issue_id', 'state', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(max_length=10)),
                ('slot', models.SmallIntegerField()),
                ('count', models.IntegerField()),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='newsletter.issue')),
            ],
            options={
                'default_permissions': [],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='correction',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='ff151d4e7f76fe2d0614a5a3869826f7a5b1a594', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_b8ddb', table='newsletter_correction', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='editionpicture',
            index=models.Index(fields=['file'], name='edition_picture_file'),
        ),
        migrations.AddConstraint(
            model_name='editionpicture',
            constraint=models.UniqueConstraint(fields=('edition', 'file'), name='one_picture_an_edition_and_file'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='editionpicture',
            trigger=pgtrigger.compiler.Trigger(name='added', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT FROM newsletter_edition WHERE id = NEW.edition_id AND made_at = transaction_timestamp()\n    ) THEN\n        RAISE EXCEPTION 'Edition % is complete.', NEW.edition_id USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='6597b9e2dd515a74fe7a3635ad4dda9b12defcea', operation='INSERT', pgid='pgtrigger_added_61404', table='newsletter_editionpicture', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='editionpicture',
            trigger=pgtrigger.compiler.Trigger(name='unchanged', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What was sent stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='6e278b75ccb89f94776928306b7cfb4c3b460620', operation='UPDATE', pgid='pgtrigger_unchanged_122c8', table='newsletter_editionpicture', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='editionpicture',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (SELECT FROM newsletter_edition WHERE id = OLD.edition_id AND redacted_at IS NOT NULL) THEN\n        RAISE EXCEPTION 'A picture of edition % stays.', OLD.edition_id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n", hash='e6c3a5640b8e1065f2461ea7514421fa3f412592', operation='DELETE', pgid='pgtrigger_kept_164a6', table='newsletter_editionpicture', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='editionpicture',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What was sent stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='07a5e4b1eab966f149c1c9d878496b3b3f70a716', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_97dde', table='newsletter_editionpicture', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('status__in', ['scheduled', 'sending', 'paused'])), fields=['status'], name='issue_under_way'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('subject_de__isnull', True), models.Q(('subject_de', ''), _negated=True), _connector='OR'), name='issue_subject_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('subject_en__isnull', True), models.Q(('subject_en', ''), _negated=True), _connector='OR'), name='issue_subject_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('preheader_de__isnull', True), models.Q(('preheader_de', ''), _negated=True), _connector='OR'), name='issue_preheader_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('preheader_en__isnull', True), models.Q(('preheader_en', ''), _negated=True), _connector='OR'), name='issue_preheader_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('intro_de__isnull', True), models.Q(('intro_de', ''), _negated=True), _connector='OR'), name='issue_intro_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('intro_en__isnull', True), models.Q(('intro_en', ''), _negated=True), _connector='OR'), name='issue_intro_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('window_from__isnull', True), ('window_until__isnull', True)), models.Q(('window_from__isnull', False), ('window_from__lt', models.F('window_until')), ('window_until__isnull', False)), _connector='OR'), name='issue_window_is_a_span'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'draft'), models.Q(('begin_at__isnull', False), ('ordered_at__isnull', False)), _connector='OR'), name='issue_under_way_was_ordered'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['sending', 'sent']), _negated=True), ('started_at__isnull', False), _connector='OR'), name='issue_sending_has_begun'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paused_at__isnull', False), ('status', 'paused')), models.Q(models.Q(('status', 'paused'), _negated=True), ('pause', '')), _connector='OR'), name='issue_paused_says_why'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['sent', 'cancelled']), _negated=True), ('ended_at__isnull', False), _connector='OR'), name='issue_ended_says_when'),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.UniqueConstraint(fields=('issue', 'language'), name='one_edition_a_language'),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.UniqueConstraint(fields=('language', 'slug'), name='edition_has_an_address_of_its_own'),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('redacted_at__isnull', True), models.Q(('html', ''), ('intro', ''), ('items', []), ('preheader', ''), ('subject', ''), ('text', '')), _connector='OR'), name='edition_redacted_is_empty'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='made', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    NEW.made_at = transaction_timestamp();\n    RETURN NEW;\n', hash='ed206e4d1a0adb1892989dcfc3d4c5468c0dd91b', operation='INSERT', pgid='pgtrigger_made_6a83e', table='newsletter_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='frozen', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.redacted_at IS NOT NULL OR NEW.redacted_at IS NULL\n        OR to_jsonb(NEW) - '{subject,preheader,intro,items,html,text,redacted_at,redacted_by_id,redaction_reason}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{subject,preheader,intro,items,html,text,redacted_at,redacted_by_id,redaction_reason}'::text[]\n    THEN\n        RAISE EXCEPTION 'Edition % was sent: it can be emptied, but not change.', OLD.id\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n", hash='08ef115f002e9277941fbb5c7a8d71dabe2fd94e', operation='UPDATE', pgid='pgtrigger_frozen_56f21', table='newsletter_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What was sent stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='baa89541346df5630dc04048a75a7d8f241f78db', operation='DELETE', pgid='pgtrigger_kept_c280a', table='newsletter_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    RAISE EXCEPTION 'What was sent stays on record.' USING ERRCODE = 'integrity_constraint_violation';\n", hash='aa126e453360a31cd52e5af4864d7e52a65348d6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_cb8e6', table='newsletter_edition', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='edition',
            trigger=pgtrigger.compiler.Trigger(name='changes_pages', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF coalesce(current_setting('sccon.pages_changed', true), '') = '' THEN\n        PERFORM set_config('sccon.pages_changed', 'yes', true);\n        INSERT INTO sccon_pageversion AS known (id, version) VALUES (1, 1)\n        ON CONFLICT (id) DO UPDATE SET version = known.version + 1;\n    END IF;\n    RETURN NULL;\n", hash='74d5eb7a63875f5a55274f2103c70eb291e09399', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_changes_pages_a049c', table='newsletter_edition', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['issue', 'place'], name='delivery_queued'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'flying')), fields=['lease_until'], name='delivery_flying'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ['failed', 'suppressed'])), fields=['issue', 'state'], name='delivery_not_sent'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('bounced_at__isnull', False)), fields=['issue', 'provider'], name='delivery_bounced'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('possibly_twice', True)), fields=['issue'], name='delivery_possibly_twice'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('issue', 'subscriber'), name='one_delivery_an_issue_and_subscriber'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'flying'), _negated=True), ('lease_until__isnull', False), _connector='OR'), name='delivery_flying_has_a_lease'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='delivery_sent_says_when'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='came', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO newsletter_tally AS known (issue_id, state, slot, count)\n    SELECT issue_id, state, pg_backend_pid() % 64, sum(change)\n    FROM (SELECT issue_id, state, 1 FROM new_rows UNION ALL SELECT issue_id, 'planned', 1 FROM new_rows) AS changed (issue_id, state, change)\n    GROUP BY issue_id, state HAVING sum(change) <> 0\n    ORDER BY issue_id, state\n    ON CONFLICT (issue_id, state, slot) DO UPDATE SET count = known.count + excluded.count;\n    RETURN NULL;\n", hash='1e704a4cdce23c0fb8cf4b44861089f62863382b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_came_987af', referencing='REFERENCING NEW TABLE AS new_rows ', table='newsletter_delivery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='went', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO newsletter_tally AS known (issue_id, state, slot, count)\n    SELECT issue_id, state, pg_backend_pid() % 64, sum(change)\n    FROM (SELECT issue_id, state, -1 FROM old_rows UNION ALL SELECT issue_id, 'planned', -1 FROM old_rows) AS changed (issue_id, state, change)\n    GROUP BY issue_id, state HAVING sum(change) <> 0\n    ORDER BY issue_id, state\n    ON CONFLICT (issue_id, state, slot) DO UPDATE SET count = known.count + excluded.count;\n    RETURN NULL;\n", hash='ab5acaff428ba135f756c949bfaa3a18a76215ae', level='STATEMENT', operation='DELETE', pgid='pgtrigger_went_47816', referencing='REFERENCING OLD TABLE AS old_rows ', table='newsletter_delivery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='moved', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    INSERT INTO newsletter_tally AS known (issue_id, state, slot, count)\n    SELECT issue_id, state, pg_backend_pid() % 64, sum(change)\n    FROM (SELECT issue_id, state, 1 FROM new_rows UNION ALL SELECT issue_id, state, -1 FROM old_rows) AS changed (issue_id, state, change)\n    GROUP BY issue_id, state HAVING sum(change) <> 0\n    ORDER BY issue_id, state\n    ON CONFLICT (issue_id, state, slot) DO UPDATE SET count = known.count + excluded.count;\n    RETURN NULL;\n', hash='d58dedcec542031f8b2eea0326e48a3f7a69754d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_moved_4cd48', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='newsletter_delivery', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('heading_de__isnull', True), models.Q(('heading_de', ''), _negated=True), _connector='OR'), name='issueitem_heading_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('heading_en__isnull', True), models.Q(('heading_en', ''), _negated=True), _connector='OR'), name='issueitem_heading_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('text_de__isnull', True), models.Q(('text_de', ''), _negated=True), _connector='OR'), name='issueitem_text_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('text_en__isnull', True), models.Q(('text_en', ''), _negated=True), _connector='OR'), name='issueitem_text_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('alt_de__isnull', True), models.Q(('alt_de', ''), _negated=True), _connector='OR'), name='issueitem_alt_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('alt_en__isnull', True), models.Q(('alt_en', ''), _negated=True), _connector='OR'), name='issueitem_alt_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('button_label_de__isnull', True), models.Q(('button_label_de', ''), _negated=True), _connector='OR'), name='issueitem_button_label_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('button_label_en__isnull', True), models.Q(('button_label_en', ''), _negated=True), _connector='OR'), name='issueitem_button_label_en_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('button_url_de__isnull', True), models.Q(('button_url_de', ''), _negated=True), _connector='OR'), name='issueitem_button_url_de_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='issueitem',
            constraint=models.CheckConstraint(condition=models.Q(('button_url_en__isnull', True), models.Q(('button_url_en', ''), _negated=True), _connector='OR'), name='issueitem_button_url_en_not_empty'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('judged_at', None)), fields=['received_at'], name='return_not_judged'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.UniqueConstraint(fields=('way', 'event'), name='one_return_an_event'),
        ),
    ]
