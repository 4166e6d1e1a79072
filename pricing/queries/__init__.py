"""Reading prices: what is listed, what was published, what was declared, and the view of them for people."""
