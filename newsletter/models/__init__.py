from .consents import Consent, SignUp
from .subscribers import Change, Subscriber, Suppression

__all__ = ["Change", "Consent", "SignUp", "Subscriber", "Suppression"]
