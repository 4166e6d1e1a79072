"""Keeping the overview's figures, and what those who watch found out; having the journal read again."""
