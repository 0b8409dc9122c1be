from .buyers import Buyer
from .events import Event
from .history import History
from .orders import Order
from .origins import Origin
from .payments import CounterEntry, Payment, Refund
from .positions import Position
from .products import Product
from .quotas import ProductQuota, Quota
from .seller_changes import SellerChange
from .whole import Whole

__all__ = [
    "Buyer",
    "CounterEntry",
    "Event",
    "History",
    "Order",
    "Origin",
    "Payment",
    "Position",
    "Product",
    "ProductQuota",
    "Quota",
    "Refund",
    "SellerChange",
    "Whole",
]
