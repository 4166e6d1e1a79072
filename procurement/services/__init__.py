"""What a purchase may do, one module a topic: `from procurement.services import bargaining, contracts, orders`."""
