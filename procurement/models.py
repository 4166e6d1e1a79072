"""Loads the models of the rooms for Django. Nobody imports from here: each model is imported by its room's module."""

from procurement.bargaining.models import clearances, offers, reviews, sheets  # noqa: F401
from procurement.contracts import models as contracts  # noqa: F401
from procurement.filing import models as filing  # noqa: F401
from procurement.ordering import models as ordering  # noqa: F401
from procurement.receiving import models as receiving  # noqa: F401
