"""The newsletter's pages. Those with a token in their address are personal and never cached."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from newsletter.models import Consent, Delivery, Move, SignUp, Subscriber
from newsletter.models.consents import STOP_WITHIN
from newsletter.subscribers import asking, moving, subscribing
from newsletter.subscribers.forms import AddressForm, ChoiceForm, SignUpForm
from newsletter.subscribers.personal_data import as_file, personal_data
from newsletter.subscribers.wording import wording
from sccon import languages, limits, tokens
from sccon.addresses import shown
from sccon.mailboxes import mailbox
from sccon.pagecache import public
from sccon.requests import KB, same_origin, secret_page, takes_body
from sccon.sent_forms import acts_once

# Few per address, so that nobody's mailbox is flooded; many per network: a whole congress shares one.
BY_ADDRESS = limits.Rate("newsletter-address", 4, timedelta(days=1))
# Who asks for their own links has a count of its own: strangers who sign somebody up do not use it up.
LINKS_BY_ADDRESS = limits.Rate("newsletter-links-address", 4, timedelta(days=1))
# A hall signs up from one network, and each click in a mail makes room for another. IPv6 has three widths of network (/64,
# /56, /48), for whoever has one has 2^8 or 2^16 of the narrower.
BY_NETWORK = [limits.Rate(f"newsletter-network-{times}", times, timedelta(hours=1)) for times in (300, 600, 1200)]

CHOOSE_WITHIN = timedelta(days=1)
# Sooner than this no person reads the second page and chooses. (The first page is cached, so its time proves nothing.)
CHOOSE_AFTER = timedelta(seconds=2)

PATH = re.compile(r"/[\w./-]{1,199}", re.ASCII)

forms_and_pages = require_http_methods(["GET", "HEAD", "POST"])


# --- Signing up --------------------------------------------------------------------------------


@public
@same_origin
@acts_once
@forms_and_pages
def sign_up(request: HttpRequest) -> HttpResponse:
    """The sign-up form on a page of its own. The forms at the foot of other pages post here, too."""
    if request.method != "POST":
        return _page(request, "sign_up", {"form": SignUpForm()}, paths=languages.in_each("newsletter:sign_up"))
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return _sign_up_again(request, form, status=400)
    email = form.cleaned_data["email"]
    if refused := _refused(request, email):
        form.add_error("email", refused)
        return _sign_up_again(request, form, status=429)
    request_made = asking.sign_up(
        email,
        language=translation.get_language(),
        source=_source(request),
        network=limits.network(request),
    )
    token = tokens.make("newsletter.choose", request_made.pk)
    return HttpResponseRedirect(reverse("newsletter:choose", args=[token]), status=303)


@secret_page
def _sign_up_again(request: HttpRequest, form: SignUpForm, *, status: int) -> HttpResponse:
    context = {"form": form, "source": _source(request)}
    return _page(request, "sign_up", context, paths=languages.in_each("newsletter:sign_up"), status=status)


def _source(request: HttpRequest) -> str:
    """The path of the page whose form was sent, from the Referer; after an error from the form itself."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # e.g. "http://["
        before = urlsplit("")
    said = request.POST.get("source") or (before.path if before.netloc == request.get_host() else "")
    return said if PATH.fullmatch(said) else request.path


def _refused(request: HttpRequest, email: str, *, by_address: limits.Rate = BY_ADDRESS) -> str:
    """Why this address or network has reached its limit; empty if it has not."""
    by_networks = zip(BY_NETWORK, limits.networks(request), strict=False)
    address, *networks = limits.allowed((by_address, mailbox(email, any_provider=True)), *by_networks)
    if not all(networks):
        return _("There were very many requests from your network. Please try again in an hour.")
    if not address:
        return _("We have sent this address several mails today. Please look into its mailbox, also among the spam.")
    return ""


@secret_page
@same_origin
@forms_and_pages
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The second page: topics and language, before or after the confirmation. It shows nobody's status."""
    try:
        made = SignUp.objects.filter(pk=tokens.read("newsletter.choose", token, max_age=CHOOSE_WITHIN)).first()
    except tokens.BadToken:
        made = None
    if made is None:
        return _page(request, "choose_over", {}, status=410)
    initial = {"language": made.language, "topics": list(made.topics.all())}
    form = ChoiceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if SignUp.objects.filter(pk=made.pk, created_at__lt=Now() - CHOOSE_AFTER).exists():
            subscribing.choose(made, **form.cleaned_data)
            return HttpResponseRedirect(f"{request.path}?kept", status=303)
        form.add_error(None, _("That was very quick. Please look at your choice and send it once more."))
    context = {"form": form, "address": shown(made.email), "kept": "kept" in request.GET and not form.is_bound}
    return _page(request, "choose", context, status=400 if form.errors else 200)


@secret_page
@same_origin
@acts_once
@forms_and_pages
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail. Mail scanners follow links, so only the button (POST) confirms."""
    consent = _consent(token)
    if consent is None:
        return _page(request, "confirm_over", {"why": "unknown"}, status=410)
    if request.method != "POST":
        if why := _no_longer(consent):
            return _page(request, "confirm_over", {"why": why, "consent": consent}, status=410)
        return _page(request, "confirm", {"consent": consent, "address": shown(consent.email), **_chosen(consent)})
    if "again" in request.POST:
        return _send_again(request, consent)
    try:
        agreed = moving.confirm if consent.kind == Consent.Kind.ADDRESS else subscribing.confirm
        subscriber = agreed(consent, network=limits.network(request))
    except subscribing.NotConfirmable as refused:
        return _page(request, "confirm_over", {"why": refused.why, "consent": consent}, status=410)
    for rate, network in zip(BY_NETWORK, limits.networks(request), strict=False):
        rate.forgive(network)
    if subscriber.email != consent.email and consent.kind == Consent.Kind.ADDRESS:
        return _page(request, "moving", {"address": shown(consent.email), "moves_at": _moves_at(consent)})
    return _page(
        request,
        "confirmed",
        {
            "consent": consent,
            "address": shown(subscriber.email),
            "preferences_url": subscribing.link("preferences", subscriber, language=translation.get_language()),
        },
    )


def _consent(token: str) -> Consent | None:
    try:
        pk = tokens.read("newsletter.confirm", token)
    except tokens.BadToken:
        return None
    return Consent.objects.filter(pk=pk).select_related("subscriber").first()


def _moves_at(consent: Consent) -> datetime | None:
    """When the newsletter goes to the new address unless the old mailbox stops that; None until the new one has confirmed."""
    return consent.confirmed_at and consent.confirmed_at + STOP_WITHIN


def _no_longer(consent: Consent) -> str:
    if consent.confirmed_at:
        return "used"
    if consent.kind == Consent.Kind.ADDRESS and not Move.objects.open().filter(consent=consent).exists():
        return "stopped"
    return "" if Consent.objects.filter(pk=consent.pk).confirmable().exists() else "expired"


def _chosen(consent: Consent) -> dict:
    """Language and topics as they will be after the confirmation."""
    made = SignUp.objects.filter(consent=consent).first()
    source = made or consent.subscriber
    return {"chosen": source, "topics": list(source.topics.all())}


def _send_again(request: HttpRequest, consent: Consent) -> HttpResponse:
    if refused := _refused(request, consent.email):
        return _page(request, "confirm_over", {"why": "refused", "consent": consent, "refused": refused}, status=429)
    language, network = translation.get_language(), limits.network(request)
    if consent.kind == Consent.Kind.ADDRESS:
        asking.move(consent.subscriber, consent.email, language=language, source=consent.source, network=network)
    else:
        asking.sign_up(consent.email, language=language, source=consent.source, network=network)
    return _page(request, "sent", {"address": shown(consent.email)})


# --- Changing and leaving ----------------------------------------------------------------------


@secret_page
@same_origin
@acts_once(if_sent=lambda request: request.POST.get("action") == "address")
@forms_and_pages
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Topics, language and address. No login: the token in the mails' links is the key."""
    subscriber = _subscriber("preferences", token)
    if subscriber is None:
        return _page(request, "link_over", {}, status=410)
    if subscriber.status != Subscriber.Status.ACTIVE:
        return _page(request, "not_subscribed", {"subscriber": subscriber})
    action = request.POST.get("action") if request.method == "POST" else None
    initial = {"language": subscriber.language, "topics": list(subscriber.topics.all())}
    choice = ChoiceForm(request.POST if action == "choose" else None, initial=initial)
    address = AddressForm(request.POST if action == "address" else None)
    status = 200
    if action == "choose" and choice.is_valid():
        subscribing.change(subscriber, **choice.cleaned_data, source="link")
        return HttpResponseRedirect(f"{request.path}?kept", status=303)
    if action == "address" and address.is_valid():
        if not (refused := _refused(request, address.cleaned_data["email"])):
            return _request_address(request, subscriber, address.cleaned_data["email"])
        address.add_error("email", refused)
        status = 429
    context = {
        "choice": choice,
        "address_form": address,
        "subscriber": subscriber,
        "address": shown(subscriber.email),
        "unsubscribe_url": subscribing.link("unsubscribe", subscriber, language=translation.get_language()),
        "kept": "kept" in request.GET and action is None,
    }
    if status == 200 and (choice.errors or address.errors):
        status = 400
    return _page(request, "preferences", context, status=status)


def _request_address(request: HttpRequest, subscriber: Subscriber, email: str) -> HttpResponse:
    asking.move(
        subscriber,
        email,
        language=translation.get_language(),
        source=reverse("newsletter:sign_up"),
        network=limits.network(request),
    )
    return _page(request, "sent", {"address": shown(email), "old_address": shown(subscriber.email)})


@secret_page
@same_origin
@forms_and_pages
def move(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the old mailbox's mail: GET asks, POST lets the newsletter move at once, or stops that."""
    found = _move(token)
    if found is None:
        return _page(request, "link_over", {}, status=410)
    if request.method == "POST" and "stop" in request.POST:
        moving.stop(found)
    elif request.method == "POST" and "agree" in request.POST:
        moving.agree(found)
    found.refresh_from_db()
    context = {"move": found, "address": shown(found.consent.email), "moves_at": _moves_at(found.consent)}
    return _page(request, "move", context)


def _move(token: str) -> Move | None:
    try:
        pk = tokens.read("newsletter.move", token)
    except tokens.BadToken:
        return None
    return Move.objects.filter(pk=pk).select_related("consent").first()


@takes_body(8 * KB, multipart=True, options=True)  # RFC 8058 §3.2: posted as multipart or urlencoded
@csrf_exempt
@secret_page
@forms_and_pages
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST unsubscribes. RFC 8058 §3.1: the POST is answered without a redirect and without a cookie.

    Not `same_origin`: mail programs in a browser post from their own page, and want to read the answer. Who has the token
    may leave, wherever it is sent from; the answer is the same for all of whom we know, knew or know nothing any more.
    """
    subscriber, holds, delivery = _leaver(token)
    if subscriber is None and not (holds and request.method == "POST"):
        response = _page(request, "link_over", {"gone": True}, status=410)
    elif request.method == "POST":
        if subscriber:
            subscribing.unsubscribe(subscriber, source="link", because_of=delivery)
        response = _page(request, "unsubscribed", {})
    elif subscriber and subscriber.status in LEAVABLE:
        # In part: whoever got the mail forwarded shall see that it is somebody else's newsletter, and not whose.
        response = _page(request, "unsubscribe", {"address": _in_part(subscriber.email) if holds else ""})
    else:
        response = _page(request, "unsubscribed", {})
    response["Access-Control-Allow-Origin"] = "*"
    return response


LEAVABLE = {Subscriber.Status.ACTIVE, Subscriber.Status.PENDING, Subscriber.Status.BOUNCED}


def _leaver(token: str) -> tuple[Subscriber | None, bool, Delivery | None]:
    """Who leaves by this link, if we know them still; whether it is theirs; and which mail had it. A link of a former
    address leaves, too, but learns nothing."""
    try:
        number = tokens.read("newsletter.leave", token)
    except tokens.BadToken:
        pass
    else:
        delivery = Delivery.objects.select_related("subscriber").filter(pk=number).first()
        subscriber = delivery.subscriber if delivery else None
        moved = bool(delivery and subscriber and delivery.of_a_former_address(subscriber))
        return subscriber, not moved, delivery
    if subscriber := _subscriber("unsubscribe", token):
        return subscriber, True, None
    if subscriber := _subscriber("unsubscribe", token, of_any_address=True):
        return subscriber, False, None
    try:
        tokens.read("newsletter.unsubscribe", token)
    except tokens.BadToken:
        return None, False, None
    return None, True, None


def _in_part(address: str) -> str:
    return f"{address[0]}…@…"


def _subscriber(
    purpose: str, token: str, max_age: timedelta | None = None, *, of_any_address: bool = False
) -> Subscriber | None:
    """Whose link this is, unless it was made for an address that the newsletter has left since."""
    try:
        held = tokens.read(f"newsletter.{purpose}", token, max_age=max_age)
    except tokens.BadToken:
        return None
    pk, moves = held if isinstance(held, list) else (held, None)
    subscriber = Subscriber.objects.filter(pk=pk).first()
    if subscriber is None or of_any_address or moves == subscriber.moves:
        return subscriber
    # Links from before they said for which address they hold.
    good = moves is None and (subscriber.moved_at is None or tokens.made_at(token) >= subscriber.moved_at)
    return subscriber if good else None


# --- One's own data ----------------------------------------------------------------------------


@public
@same_origin
@acts_once
@forms_and_pages
def links(request: HttpRequest) -> HttpResponse:
    """Mails the links to preferences and data, for those who have no mail of ours at hand."""
    form = AddressForm(request.POST or None)
    paths = languages.in_each("newsletter:links")
    if request.method != "POST":
        return _page(request, "links", {"form": form}, paths=paths)
    status = 400
    if form.is_valid():
        email = form.cleaned_data["email"]
        if not (refused := _refused(request, email, by_address=LINKS_BY_ADDRESS)):
            asking.links(email, language=translation.get_language())
            return secret_page(_page)(request, "links_sent", {"address": shown(email)})
        form.add_error("email", refused)
        status = 429
    return secret_page(_page)(request, "links", {"form": form}, paths=paths, status=status)


@secret_page
@same_origin
@acts_once
@forms_and_pages
def data(request: HttpRequest, token: str) -> HttpResponse:
    """All data of the subscriber; the button deletes it. The link is valid for a day."""
    subscriber = _subscriber("data", token, subscribing.DATA_LINK_HOLDS)
    if subscriber is None:
        return _page(request, "link_over", {}, status=410)
    if request.method == "POST":
        if "sure" not in request.POST:
            return _page(request, "erase", {"address": shown(subscriber.email)})
        subscribing.erase(subscriber)
        return _page(request, "erased", {})
    context = {
        "data": personal_data(subscriber),
        "subscriber": subscriber,
        "export_url": reverse("newsletter:export", args=[token]),
    }
    return _page(request, "data", context)


@secret_page
def export(request: HttpRequest, token: str) -> HttpResponse:
    """The same as JSON."""
    subscriber = _subscriber("data", token, subscribing.DATA_LINK_HOLDS)
    if subscriber is None:
        raise Http404
    return as_file(subscriber)


def _page(
    request: HttpRequest, template: str, context: dict, *, paths: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the newsletter. Without `paths` it is personal: noindex and no alternates, but a language switch."""
    switch = languages.links(request, paths or {}, languages.here_in_each(request))
    here = {**switch, "robots": "" if paths else "noindex", "write_to": parseaddr(settings.SITE_MAIL_REPLY_TO)[1]}
    return render(request, f"newsletter/{template}.html", {**here, "words": wording(), **context}, status=status)
