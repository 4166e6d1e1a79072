"""A small app that the house has never heard of; `tests/architecture/test_planted_app.py` plants it."""
