"""Orders as all their parties see them: the list."""

from django.urls import path

from procurement.ordering.web.lists import ORDERS as LIST
from procurement.readers import ORDERS
from sunlight.web.lists import list_page
from sunlight.web.pages import page


@page(*ORDERS)
def orders(request):
    """Orders, newest first."""
    return list_page(request, LIST)


routes = [path("orders/", orders, name="orders")]
