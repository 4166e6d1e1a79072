"""What was dealt at by the authority's clearance alone."""

from collections.abc import Collection

from procurement.bargaining.rules.bargain import CLEARED
from sunlight.journal.models import Decision


def cleared_lines(order_line_ids: Collection[int]) -> set[int]:
    """The order lines whose price stood by a clearance when they were ordered (A21), as their decisions say."""
    rows = Decision.objects.filter(
        subject_type="order_line",
        subject_id__in=order_line_ids,
        rule="bargain.decide",
        reasons__contains=[{"code": CLEARED}],
    )
    return set(rows.values_list("subject_id", flat=True))
