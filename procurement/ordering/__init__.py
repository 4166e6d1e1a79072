"""Orders at agreed prices: baskets, approval, delivery points, and who is authorised to deliver."""
