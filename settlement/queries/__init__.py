"""Everything that reads settlement's tables."""
