"""Goods of an order: sent with their UDI, accepted or rejected, and what becomes of the order by that."""
