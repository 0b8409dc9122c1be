from .catalogue import Event, Product, ProductQuota, Quota
from .history import History
from .orders import Order, Position, Whole
from .payments import Payment, Refund

__all__ = ["Event", "History", "Order", "Payment", "Position", "Product", "ProductQuota", "Quota", "Refund", "Whole"]
