"""The story's chapters, in the order of the trade."""
