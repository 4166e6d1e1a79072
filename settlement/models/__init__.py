"""Who owes what. Loads the models for Django; each is imported by its own module, never from here."""

from settlement.models import account, instruction, ledger, netting, payment, statement  # noqa: F401
