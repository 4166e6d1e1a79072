"""Purchases outside the regular way: what share of a hospital's year they may take, and when they must be filed. The year's
total they are measured by is stated here; off the platforms nothing is bought here yet."""
