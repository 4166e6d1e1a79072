"""Background work done chunk by chunk by whoever comes by."""
