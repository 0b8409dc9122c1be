from .jobs import Job, JobError
from .limits import Limit
from .logins import KnownDevice, Login, LoginSession
from .mails import Mail
from .pages import PageVersion
from .people import User
from .sent_forms import SentForm

__all__ = [
    "Job",
    "JobError",
    "KnownDevice",
    "Limit",
    "Login",
    "LoginSession",
    "Mail",
    "PageVersion",
    "SentForm",
    "User",
]
