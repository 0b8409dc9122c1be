"""The ground floor in Django's admin: people and their logins, jobs and mails. The site itself is `sccon.admin_site`."""

from . import jobs, logins, mails, people

__all__ = ["jobs", "logins", "mails", "people"]
