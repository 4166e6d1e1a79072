"""Pages of bargaining: search and offer, the supplier's desk, contracts."""

routes: list = []
