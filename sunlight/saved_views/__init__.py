"""People's own ways of looking at a list."""
