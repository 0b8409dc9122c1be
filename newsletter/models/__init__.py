from .consents import Consent, LinkRequest, Move, SignUp
from .subscribers import Change, Subscriber, Suppression

__all__ = ["Change", "Consent", "LinkRequest", "Move", "SignUp", "Subscriber", "Suppression"]
