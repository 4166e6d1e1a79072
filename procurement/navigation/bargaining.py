"""Menu entries and to-dos of bargaining and contracts."""
