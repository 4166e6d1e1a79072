"""Kept files: what they are, who may open them, their content in the database behind the wall."""
