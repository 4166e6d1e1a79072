"""What may be read of purchases, one module a topic: `from procurement.queries import bargaining, orders`."""
