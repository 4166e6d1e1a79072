"""Where an organisation's own systems hear of its events."""
