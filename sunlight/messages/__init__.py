"""News for people: messages, the operator's notices, e-mail."""
