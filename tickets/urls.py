"""URLs of the shop and of buyers' pages, below the language prefix."""

from django.urls import path

from tickets.shop.views import checkout, links, shop

app_name = "tickets"

urlpatterns = [
    path("", shop.shop, name="shop"),
    path("cart/", checkout.cart, name="cart"),
    path("cart/add/", shop.add, name="add"),
    path("cart/change/", checkout.change, name="change"),
    path("cart/extend/", checkout.extend, name="extend"),
    path("cart/begun/<str:token>/", checkout.begun, name="begun"),
    path("cart/again/", checkout.again, name="again"),
    path("checkout/", checkout.details, name="details"),
    path("checkout/summary/", checkout.summary, name="summary"),
    path("checkout/place/", checkout.place, name="place"),
    path("orders/<slug:code>/<slug:secret>/", links.order, name="order"),
    path("confirm/<str:token>/", links.confirm, name="confirm"),
    path("t/<slug:secret>/", links.ticket, name="ticket"),
    path("t/<slug:secret>/calendar.ics", links.ticket_calendar, name="calendar"),
]
