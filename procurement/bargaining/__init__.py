"""Offers of price and quantity: made by hand or on sheets, judged by rule, answered or silent."""
