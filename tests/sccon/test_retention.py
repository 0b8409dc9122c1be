"""What is known of people is forgotten in time: every field that may hold it has a rule, and the worker keeps it."""

from collections import Counter
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models
from procrastinate.tasks import Task

from sccon import retention
from sccon.clock import database_now
from sccon.jobs import app as jobs
from sccon.mail import queue
from sccon.models import Mail
from tests.factories import make_user

APPS = ("sccon", "news", "newsletter", "tickets")
OTHERS = {"sccon": ("admin", "otp_totp", "otp_static", "django_otp_webauthn")}  # for whose models an app answers, too
SAYS_NOTHING = (
    *(models.AutoField, models.IntegerField, models.DecimalField, models.FloatField, models.BooleanField),
    *(models.DateField, models.TimeField, models.DurationField, models.UUIDField, models.ForeignKey),
)


def speaking_fields(app: str) -> set[str]:
    """Model.field of everything in which something about a person could stand; translated ones once."""
    return {
        f"{model.__name__}.{field.name.removesuffix('_de').removesuffix('_en')}"
        for label in (app, *OTHERS.get(app, ()))
        for model in apps.get_app_config(label).get_models()
        if not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if not isinstance(field, SAYS_NOTHING) and not field.choices and not isinstance(field, models.GeneratedField)
    }


@pytest.mark.parametrize("app", APPS)
def test_every_field_that_may_speak_of_a_person_has_a_rule(app: str):
    module = import_module(f"{app}.retention")
    ruled = {field for rule in module.RULES for field in rule.fields}
    left = {
        field
        for field in speaking_fields(app) - ruled
        if field not in module.IMPERSONAL and field.partition(".")[0] not in module.IMPERSONAL
    }
    assert not left, f"Say in {app}/retention.py how long these are kept, or that they say nothing about a person."


@pytest.mark.parametrize("app", APPS)
def test_no_rule_is_about_what_is_not_there_and_none_is_said_twice(app: str):
    module = import_module(f"{app}.retention")
    ruled = Counter(field for rule in module.RULES for field in rule.fields)
    there = speaking_fields(app)
    assert [field for field, times in ruled.items() if times > 1 or field not in there] == []
    assert {name for name in module.IMPERSONAL if "." in name} <= there - set(ruled)
    assert {name for name in module.IMPERSONAL if "." not in name} <= {field.partition(".")[0] for field in there}


@pytest.mark.parametrize("app", APPS)
def test_what_the_worker_is_to_forget_it_is_told_to_by_the_clock(app: str):
    by_clock = {periodic.task for periodic in jobs.periodic_registry.periodic_tasks.values()}
    for rule in import_module(f"{app}.retention").RULES:
        assert isinstance(rule.ends, str) or (isinstance(rule.ends, Task) and rule.ends in by_clock), rule


@pytest.mark.django_db
def test_old_mails_are_forgotten_with_whom_they_went_to():
    for occasion in ("old", "new"):
        queue("order-paid", to="ada@example.org", language="de", occasion=occasion, context={})
    Mail.objects.filter(occasion="order-paid:old").update(created_at=database_now() - timedelta(days=731))
    retention.forget(timestamp=0)
    assert [mail.occasion for mail in Mail.objects.all()] == ["order-paid:new"]


@pytest.mark.django_db
def test_the_admins_log_is_forgotten_after_two_years():
    user = make_user()
    for name, days in (("old", 731), ("new", 729)):
        line = LogEntry.objects.create(user=user, action_flag=CHANGE, object_repr=name)
        LogEntry.objects.filter(pk=line.pk).update(action_time=database_now() - timedelta(days=days))
    retention.forget(timestamp=0)
    assert [line.object_repr for line in LogEntry.objects.all()] == ["new"]


@pytest.mark.django_db
def test_how_to_reach_someone_who_left_is_forgotten_after_a_year():
    now = database_now()
    left, on_leave, here = (make_user(email=f"{name}@example.org") for name in ("left", "leave", "here"))
    for user, active, seen in ((left, False, 366), (on_leave, False, 10), (here, True, 900)):
        type(user).objects.filter(pk=user.pk).update(is_active=active, last_login=now - timedelta(days=seen))
    retention.forget(timestamp=0)
    for user in (left, on_leave, here):
        user.refresh_from_db()
    assert [user.email for user in (left, on_leave, here)] == ["", "leave@example.org", "here@example.org"]
