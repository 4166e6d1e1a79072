"""What is published for objection before it takes effect (公示)."""
