"""The shop, and choosing in it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sccon import languages, limits, tokens
from sccon.clock import INSTANT
from sccon.pagecache import personal, public
from sccon.requests import same_origin, secret_page, sent_by_a_form
from tickets.catalogue import json_ld
from tickets.catalogue.offers import Catalogue, catalogue, offers, shortages
from tickets.catalogue.validity import NotValid
from tickets.models import Order, Product
from tickets.orders import carts, origins, reserving
from tickets.shop import session
from tickets.shop.forms import choice_as_text, chosen_in, chosen_in_text

RETRY_AFTER = "600"  # seconds, for who has reached a limit


@public(seconds=1, unkept=("choice", "src"))  # reserving does not change the page version
@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """The shop page: the same for everybody, without session or cookie. A choice made in the other language comes along."""
    return _shop(request, _catalogue(), chosen=chosen_in_text(request.GET.get("choice", "")))


def _catalogue() -> Catalogue:
    """What is sold now; raises `Http404` without an event."""
    if found := catalogue():
        return found
    raise Http404


def _shop(
    request: HttpRequest,
    catalogue: Catalogue,
    *,
    chosen: Mapping[int, int] | None = None,
    errors: Mapping[int, str] | None = None,
    general: str = "",
    status: int = 200,
) -> HttpResponse:
    request.META[INSTANT] = catalogue.at
    event, shown = catalogue.event, offers(catalogue, chosen=chosen, errors=errors)
    nothing = not any((chosen or {}).values())  # then the sentence leads to where one chooses
    first = next((offer.product.pk for offer in shown if offer.buyable and nothing), None)
    context = {
        **languages.links(request, languages.in_each("tickets:shop")),
        "event": event,
        "sections": [
            (label, [offer for offer in shown if offer.product.section == section])
            for section, label in Product.Section.choices
            if any(offer.product.section == section for offer in shown)
        ],
        "buyable": any(offer.buyable for offer in shown),
        "problems": [
            {
                "anchor": f"{'product' if offer.buyable else 'offer'}-{offer.product.pk}",
                "sentence": f"{offer.product.name}: {offer.error}",
            }
            for offer in shown
            if offer.error
        ]
        + ([{"anchor": f"product-{first}", "sentence": general}] if general and first else []),
        "sentences": [general] if general and not first else [],
        "step": "choose",
        "source": session.source_in(request.POST or request.GET),
    }
    context["json_ld"] = json_ld.event_with_offers(event, shown, context["canonical"])
    return render(request, "tickets/shop.html", context, status=status)


@sent_by_a_form("tickets:shop")
@secret_page
@personal
@same_origin
def add(request: HttpRequest) -> HttpResponse:
    """Puts the choice into the cart, instead of an earlier one; starts the session. The other language only takes it along."""
    wanted = {pk: number for pk, number in chosen_in(request.POST).items() if number}
    if (to := request.POST.get("to")) in dict(settings.LANGUAGES):
        return redirect(_in_language(to, wanted, session.source_in(request.POST)))
    if source := session.source_in(request.POST):
        request.session[session.SOURCE] = source
    found = session.shopping_of(request)
    cart = found.order if found and found.order.status == Order.Status.CART else None
    try:
        try:
            cart = carts.choose(cart, wanted, language=translation.get_language(), networks=limits.networks(request))
        except carts.Expired:
            cart = begin_anew(request, wanted)
    except (NotValid, reserving.SoldOut, reserving.Busy, origins.Refused) as reason:
        return refused(request, wanted, reason, held=carts.in_cart(found.positions) if found and cart else None)
    session.keep_cart(request, cart)
    if session.accepts_cookies(request):
        return redirect("tickets:details")
    return redirect("tickets:begun", tokens.make(session.BEGUN, cart.pk))


def _in_language(language: str, wanted: Mapping[int, int], source: str) -> str:
    query = {"choice": choice_as_text(wanted), "src": source}
    given = urlencode({name: value for name, value in query.items() if value})
    return languages.in_each("tickets:shop")[language] + (f"?{given}" if given else "")


def begin_anew(request: HttpRequest, wanted: Mapping[int, int]) -> Order:
    """A new cart, which counts for the visitor's network like any other. Raises like `carts.choose`."""
    return carts.choose(None, wanted, language=translation.get_language(), networks=limits.networks(request))


def refused(
    request: HttpRequest,
    wanted: Mapping[int, int],
    reason: NotValid | reserving.SoldOut | reserving.Busy | origins.Refused,
    *,
    held: Mapping[Product, int] | None = None,
) -> HttpResponse:
    """409, or 429 where a limit is reached: the shop page with the choice and the reasons why it cannot be reserved.

    `held`: what the visitor's cart holds, which is not gone for them.
    """
    if isinstance(reason, reserving.Busy):
        return busy(request, reverse("tickets:add"), wanted)
    catalogue = _catalogue()
    if isinstance(reason, origins.Refused):
        sentence = reason.why.label % catalogue.event.seller_email
        response = _shop(request, catalogue, chosen=wanted, general=sentence, status=429)
        response["Retry-After"] = RETRY_AFTER
        return response
    if isinstance(reason, NotValid):
        errors = {problem.product.pk: problem.sentence for problem in reason.problems if problem.product}
        general = " ".join(problem.sentence for problem in reason.problems if not problem.product)
    else:
        errors = shortages(catalogue, wanted, held={product.pk: number for product, number in (held or {}).items()})
        general = "" if errors else _("Someone was faster, but places have just become free. Please try again.")
    return _shop(request, catalogue, chosen=wanted, errors=errors, general=general, status=409)


def busy(request: HttpRequest, action: str, wanted: Mapping[int, int] | None = None) -> HttpResponse:
    """409: the quota is busy; the page repeats the request with one click."""
    context = {
        **languages.links(request, languages.in_each("tickets:shop")),
        "robots": "noindex",
        "action": action,
        "wanted": wanted or {},
    }
    response = render(request, "tickets/busy.html", context, status=409)
    response["Retry-After"] = "5"
    return response
