"""Purchases outside the regular way: so far the rules of their caps and of when they must be filed."""
