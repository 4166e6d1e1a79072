"""Files in the real formats that the demonstration takes in through the services: one module a format."""
