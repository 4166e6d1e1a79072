"""Comparing, every night, the rows that money rests on with the versions that events sealed."""
