"""Acts on prices, one transaction each."""
