"""The tickets in Django's admin: what is sold, and what was ordered."""

from . import catalogue, orders, sellers

__all__ = ["catalogue", "orders", "sellers"]
