"""Drafts of the law, runs over what happened, and the records a run reads."""
