"""The time limit at each key step of a trade (关键环节时限): who owes what to whom by when, and what passed."""
