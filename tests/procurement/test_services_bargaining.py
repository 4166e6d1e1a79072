"""Offers: judged under the law of the day, answered, or left to silence."""
