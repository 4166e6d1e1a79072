"""Keeping the platform running: health, figures, logs, events that could not be delivered, and the doctor."""
