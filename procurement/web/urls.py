"""Routes of the pages; each topic module lists its own."""

from procurement.bargaining.web import clearances, compare, offers, reviews, sheets
from procurement.bargaining.web import desk as offer_desk
from procurement.contracts.web import consents, contracts
from procurement.ordering.web import approvals, placing, year_bases
from procurement.ordering.web import desk as order_desk
from procurement.receiving.web import acceptances, deliveries
from procurement.receiving.web import orders as order_pages

app_name = "procurement"
urlpatterns = [
    *contracts.routes,
    *consents.routes,
    *compare.routes,
    *offers.routes,
    *offer_desk.routes,
    *sheets.routes,
    *reviews.routes,
    *clearances.routes,
    *placing.routes,
    *order_desk.routes,
    *approvals.routes,
    *year_bases.routes,
    *order_pages.routes,
    *deliveries.routes,
    *acceptances.routes,
]
