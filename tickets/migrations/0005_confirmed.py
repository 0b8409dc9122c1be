import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0004_finance'),
    ]

    operations = [
        migrations.CreateModel(
            name='Origin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('network', 'network'), ('mailbox', 'mailbox'), ('domain', 'mail domain')], max_length=7)),
                ('key', models.BinaryField(max_length=16)),
                ('factor', models.PositiveSmallIntegerField(db_default=1)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'origin',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='order',
            name='status_moves',
        ),
        migrations.RemoveField(
            model_name='order',
            name='reserved_at',
        ),
        migrations.AddField(
            model_name='event',
            name='alarm_percent',
            field=models.PositiveSmallIntegerField(db_default=25, default=25, help_text='Per cent: when as much of a quota is taken within an hour, the desk says so.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='alarm at'),
        ),
        migrations.AddField(
            model_name='order',
            name='confirmed_at',
            field=models.DateTimeField(null=True, verbose_name='confirmed'),
        ),
        # `tickets_open` stands for it (see tickets/orders/reserving.sql).
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS tickets_begin(bigint, text, boolean, timestamptz, bigint[], integer[], text)",
            migrations.RunSQL.noop,
        ),
        # Until now an order held its places without a click: what was placed stays placed.
        migrations.RunSQL(
            "UPDATE tickets_order SET confirmed_at = placed_at WHERE code IS NOT NULL", migrations.RunSQL.noop
        ),
        migrations.AddField(
            model_name='quota',
            name='fast_since',
            field=models.DateTimeField(editable=False, null=True, verbose_name='falls fast since'),
        ),
        migrations.AddField(
            model_name='quota',
            name='guarded',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='guarded'),
        ),
        migrations.AlterField(
            model_name='history',
            name='what',
            field=models.CharField(choices=[('placed', 'ordered'), ('confirmed', 'confirmed by the link in the mail'), ('extended', 'reservation extended'), ('reserved_again', 'reserved again'), ('payment', 'payment received'), ('paid', 'paid in full, tickets issued'), ('revived', 'paid after it had expired, places were free'), ('too_late', 'paid after it had ended: money to return'), ('overpaid', 'more received than asked: money to return'), ('refund', 'money returned'), ('reminded', 'reminded to pay'), ('expired', 'expired, places given back'), ('cancelled', 'cancelled, places given back'), ('sent_again', 'mail sent again')], max_length=14, verbose_name='what'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['created_at'], name='order_begun'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='order',
            trigger=pgtrigger.compiler.Trigger(name='status_moves', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{cart:pending,cart:paid,cart:expired,pending:paid,pending:expired,pending:cancelled,paid:cancelled,expired:cart,expired:pending,expired:paid}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='1c83e72d2721c1b4a8aadd7bfac0761f8d08d5b1', operation='UPDATE', pgid='pgtrigger_status_moves_2b47e', table='tickets_order', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('code__isnull', False), ('confirmed_at__isnull', True), _connector='OR'), name='order_confirmed_once_placed'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'paid'), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='order_paid_is_confirmed'),
        ),
        migrations.AddField(
            model_name='origin',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='origins', to='tickets.order'),
        ),
        migrations.AddIndex(
            model_name='origin',
            index=models.Index(fields=['key'], name='origin_of_key'),
        ),
        migrations.AddIndex(
            model_name='origin',
            index=models.Index(fields=['at'], name='origin_old'),
        ),
    ]
