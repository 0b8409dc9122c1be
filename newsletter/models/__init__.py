from .consents import Consent, LinkRequest, Move, MoveRequest, SignUp
from .subscribers import Change, Subscriber, Suppression

__all__ = ["Change", "Consent", "LinkRequest", "Move", "MoveRequest", "SignUp", "Subscriber", "Suppression"]
