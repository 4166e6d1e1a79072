"""Routes of the pages; each topic module lists its own."""

from settlement.web import accounts, bank, invoicing, paying, statements

app_name = "settlement"
urlpatterns = [*paying.routes, *invoicing.routes, *bank.routes, *statements.routes, *accounts.routes]
