"""Files in the real formats that the demonstration imports through the services, one module per format."""
