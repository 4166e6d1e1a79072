"""How values are written for people: money, quantities, states, working-day countdowns."""

from decimal import Decimal

from django import template

from sunlight.kernel import money
from sunlight.scope.roles import ROLE_LABELS, Role

register = template.Library()


@register.filter
def yuan(fen):
    """Integer fen as grouped yuan: 123456 → 1,234.56."""
    return "—" if fen is None else money.fen_text(fen, grouped=True)


@register.filter
def capitals(fen):
    """Integer fen as 大写金额."""
    return money.rmb_upper(fen)


@register.filter
def price(value):
    """A unit price with at least 2 and at most 4 decimals."""
    if value in (None, ""):
        return "—"
    text = f"{Decimal(value):,.4f}"
    return text[:-2] if text.endswith("00") else text


@register.filter
def quantity(value):
    """A quantity without needless zeros."""
    return "—" if value in (None, "") else f"{Decimal(value):,.3f}".rstrip("0").rstrip(".")


@register.filter
def role_label(role):
    return ROLE_LABELS[Role(role)]


@register.filter
def days_until(day, today):
    """Calendar days from `today` to `day`; negative when past."""
    return None if day is None else (day - today).days


STATE_COLOURS = {
    "green": {
        "LISTED",
        "CONFIRMED",
        "IN_FORCE",
        "ACCEPTED",
        "MATCHED",
        "PAID",
        "SETTLED",
        "DONE",
        "DELIVERED",
        "APPROVED",
    },
    "red": {"REJECTED", "DECLINED", "MISMATCHED", "SUSPENDED", "REVERSED", "DELISTED", "LAPSED", "REVOKED"},
    "blue": {"SUBMITTED", "OPEN", "PLACED", "SIGNING", "PREPARED", "DISPATCHED", "RUNNING", "IN_RUN", "PENDING"},
}


@register.inclusion_tag("web/_state.html")
def state(row, field="state"):
    """A state as a coloured badge that always carries its word."""
    value = getattr(row, field)
    colour = next((c for c, states in STATE_COLOURS.items() if value in states), "secondary")
    return {"label": getattr(row, f"get_{field}_display")(), "colour": colour}
