"""Where an organisation's own systems receive its events."""
