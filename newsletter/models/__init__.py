from .consents import Consent, LinkRequest, Move, MoveRequest, SignUp
from .deliveries import Delivery, Slice, Tally
from .doctor import MailFinding
from .editions import ArchiveViews, Correction, Edition, EditionPicture
from .imports import Import, ImportRow
from .issues import Issue, IssueItem
from .returns import Hold, Return
from .subscribers import Change, Subscriber, Suppression

__all__ = [
    "ArchiveViews",
    "Change",
    "Consent",
    "Correction",
    "Delivery",
    "Edition",
    "EditionPicture",
    "Hold",
    "Import",
    "ImportRow",
    "Issue",
    "IssueItem",
    "LinkRequest",
    "MailFinding",
    "Move",
    "MoveRequest",
    "Return",
    "SignUp",
    "Slice",
    "Subscriber",
    "Suppression",
    "Tally",
]
