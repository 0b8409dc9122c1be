"""The ground floor in Django's admin: people, jobs and mails. The site itself is `sccon.admin_site`."""

from . import jobs, mails, people

__all__ = ["jobs", "mails", "people"]
