"""Django's database sessions with one SQL statement per load or save: every page of a purchase loads one, some save it.

What is stored, and how it is signed, is Django's. docs/decisions/sessions.md says what it saves.
"""

import secrets

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError

from sccon.statements import fetch

KEEP_NEW = """
    INSERT INTO django_session (session_data, expire_date, session_key) VALUES (%s, %s, %s)
    ON CONFLICT (session_key) DO NOTHING RETURNING true
"""
KEEP = "UPDATE django_session SET session_data = %s, expire_date = %s WHERE session_key = %s RETURNING true"
READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > clock_timestamp()"


class SessionStore(db.SessionStore):  # the class's name is part of the salt of Django's signature
    def load(self) -> dict:
        for (data,) in fetch(READ, [self.session_key]):
            return self.decode(data)
        self._session_key = None
        return {}

    def _get_new_session_key(self) -> str:
        return secrets.token_hex(20)

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        values = [self.encode(data), self.get_expiry_date(), self.session_key]
        if not fetch(KEEP_NEW if must_create else KEEP, values):
            raise CreateError if must_create else UpdateError
        return None
