"""How much a hospital has bought this year of products without a reference price, on all platforms (SZ20-5.2.1d, A15)."""

from django.db.models import Case, DecimalField, F, Sum, When
from django.db.models.functions import Round

from procurement.ordering.models import UnreferencedLine
from procurement.ordering.workflows import OrderState

_FEN = DecimalField(max_digits=24, decimal_places=0)


def unreferenced_fen(hospital_id: int, year: int) -> int:
    """What was ordered and not declined or taken back, in fen; of a closed order what was delivered. In the scope of
    `on_all_platforms`."""
    delivered = Round(F("order_line__price") * F("order_line__delivered_quantity") * 100, output_field=_FEN)
    taken = Case(
        When(order_line__order__state=OrderState.CLOSED, then=delivered), default=F("amount_fen"), output_field=_FEN
    )
    rows = UnreferencedLine.objects.filter(hospital_id=hospital_id, year=year, order_line__is_live=True)
    return int(rows.aggregate(taken=Sum(taken))["taken"] or 0)
