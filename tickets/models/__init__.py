from .events import Event
from .history import History
from .orders import Order, Position, Whole
from .payments import Payment, Refund
from .products import Product
from .quotas import ProductQuota, Quota

__all__ = ["Event", "History", "Order", "Payment", "Position", "Product", "ProductQuota", "Quota", "Refund", "Whole"]
