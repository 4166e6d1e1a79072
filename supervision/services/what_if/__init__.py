"""Making drafts and runs."""
