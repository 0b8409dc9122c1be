from .jobs import Job, JobError
from .limits import Limit
from .mails import Mail
from .pages import PageVersion
from .people import User

__all__ = ["Job", "JobError", "Limit", "Mail", "PageVersion", "User"]
