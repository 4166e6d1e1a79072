"""Orders as all their parties see them: the list."""

from django.urls import path

from procurement import readers
from procurement.ordering.web.lists import ORDERS
from sunlight.web.lists import list_page
from sunlight.web.pages import page


@page(readers.ORDERS)
def orders(request):
    """Orders, newest first."""
    return list_page(request, ORDERS)


routes = [path("orders/", orders, name="orders")]
