"""Everything that writes settlement's tables."""
