"""Routes of the pages; each topic module lists its own."""

from settlement.web import accounts, bank, instructing, invoicing, payables, paying, statements

app_name = "settlement"
urlpatterns = [
    *paying.routes,
    *payables.routes,
    *invoicing.routes,
    *bank.routes,
    *instructing.routes,
    *statements.routes,
    *accounts.routes,
]
