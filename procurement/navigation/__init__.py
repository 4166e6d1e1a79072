"""Menu entries and to-dos, one module a topic; imported when the app starts."""

from procurement.navigation import bargaining, orders

__all__ = ["bargaining", "orders"]
