"""Supply contracts, their text and signatures, and the agreed prices that orders draw on."""
