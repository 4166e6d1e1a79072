"""Official letters (公函): written, approved by a second person, delivered with proof, answered, or told to the leader."""
