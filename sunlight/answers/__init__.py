"""The first answers to requests that may be repeated."""
