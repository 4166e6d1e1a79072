"""An organisation's application to a platform, and the qualifications it answers for afterwards."""
