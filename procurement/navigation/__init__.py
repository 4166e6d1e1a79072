"""Menu entries and to-dos, one module a topic; imported when the app starts."""

from procurement.navigation import bargaining, figures, orders

__all__ = ["bargaining", "figures", "orders"]
