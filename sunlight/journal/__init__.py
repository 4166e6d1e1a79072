"""The audit trail: events, decisions, refusals; outbox and seals. Import from `sunlight.journal.services`."""
