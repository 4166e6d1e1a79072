"""Routes under /api/v1/; each topic module lists its own."""

from settlement.api import accounts, bank, instructions, invoices, payables, payments

urlpatterns = [
    *bank.routes,
    *instructions.routes,
    *invoices.routes,
    *payables.routes,
    *payments.routes,
    *accounts.routes,
]
