"""A maker's products in the national catalogue: what it may apply to list, and where that stands."""

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from catalog.models import ListedSpecification, NationalCode
from catalog.queries.codes import national_codes_search
from catalog.queries.listings import own_codes
from catalog.workflows import ACTIVE
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor

_PRODUCT = Coalesce(NullIf(F("generic_code"), Value("")), F("code"))


def own_products(actor: Actor, text: str = "") -> QuerySet:
    """The actor's products (one 20-digit or reagent code under one certificate), found by `text` where given: dicts of
    `product, registration_number, product_name, producer_name, specifications`. Raises Invalid as the search does."""
    rows = national_codes_search(text) if text.strip() else NationalCode.objects.all()
    rows = own_codes(actor, rows.filter(is_retired=False))
    named = rows.annotate(product=_PRODUCT).values("product", "registration_number", "product_name", "producer_name")
    return named.annotate(specifications=Count("id")).order_by("product", "registration_number", "product_name")


def own_specifications(actor: Actor, product: str, certificate: str) -> list[NationalCode]:
    """The specifications of one of the actor's products, by code. Raises NotThere."""
    rows = NationalCode.objects.filter(is_retired=False).annotate(product=_PRODUCT)
    found = list(own_codes(actor, rows).filter(product=product, registration_number=certificate).order_by("code"))
    if not found:
        raise NotThere("这个产品")
    return found


def listed_among(codes: list[str]) -> set[str]:
    """Of these full codes, those that an application or listing already covers."""
    rows = ListedSpecification.objects.filter(national_code__code__in=codes, listing__state__in=ACTIVE)
    return set(rows.values_list("national_code__code", flat=True))
