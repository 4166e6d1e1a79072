"""What every app needs once."""
