"""What a hospital's yearly shares are measured by, stated and confirmed by the real services."""

from procurement.filing.models import YearBase
from procurement.filing.services.year_bases import year_base_confirm, year_base_state
from sunlight import scope
from sunlight.scope import Role
from tests.regional import at

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def stated(world, amount="1000000", year="2024", *, day="", **more) -> YearBase:
    """A budget in CNY that the hospital's finance states, by default early in its year."""
    who = world.actor("hospital", Role.HOSPITAL_FINANCE)
    facts = {"year": year, "amount": amount, "document": "深卫财〔2024〕1号", "name": "预算批复.pdf", "content": PDF}
    with scope.opened(who):
        return year_base_state(actor=who, at=at(day or f"{year}-01-08"), **facts | more)


def confirmed(world, base: YearBase, *, day="") -> YearBase:
    """Confirmed by another person of the hospital."""
    who = world.actor("hospital", Role.HOSPITAL_APPROVER)
    with scope.opened(who):
        return year_base_confirm(actor=who, at=at(day or f"{base.year}-01-09"), base_id=base.id)


def budget(world, amount="1000000000", year="2024") -> YearBase:
    """A budget that counts; by default so large that no share matters."""
    return confirmed(world, stated(world, amount, year))
