"""Products, offers, contracts and agreements over the API."""

routes: list = []
