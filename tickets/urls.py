"""Addresses of the tickets, below the language."""

from django.urls import path

from tickets import views

app_name = "tickets"

urlpatterns = [
    path("", views.shop, name="shop"),
    path("cart/", views.cart, name="cart"),
    path("cart/add/", views.add, name="add"),
    path("cart/change/", views.change, name="change"),
    path("cart/extend/", views.extend, name="extend"),
    path("cart/again/", views.again, name="again"),
    path("checkout/", views.details, name="details"),
    path("checkout/summary/", views.summary, name="summary"),
    path("checkout/place/", views.place, name="place"),
    path("orders/<str:code>/<str:secret>/", views.order, name="order"),
    path("t/<str:secret>/", views.ticket, name="ticket"),
    path("t/<str:secret>/calendar.ics", views.ticket_calendar, name="calendar"),
]
