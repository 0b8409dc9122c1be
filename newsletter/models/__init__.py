from .consents import Consent, LinkRequest, SignUp
from .subscribers import Change, Subscriber, Suppression

__all__ = ["Change", "Consent", "LinkRequest", "SignUp", "Subscriber", "Suppression"]
