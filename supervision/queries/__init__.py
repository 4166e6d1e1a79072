"""Reading across the platform: decision traces, the law as loaded."""
