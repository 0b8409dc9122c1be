from .history import History
from .orders import Order, Position, Whole
from .payments import Payment, Refund
from .products import Event, Product, ProductQuota, Quota

__all__ = ["Event", "History", "Order", "Payment", "Position", "Product", "ProductQuota", "Quota", "Refund", "Whole"]
