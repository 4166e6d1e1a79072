"""Rules about what things may cost: price information, alert line, three-colour segments; their twins in SQL."""
