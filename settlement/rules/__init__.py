"""Rules about who owes what, and when; and whether an invoice says what was ordered and taken."""
