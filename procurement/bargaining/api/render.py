"""What the API answers about bargaining: one serializer a noun, for the answer and for its description."""

from rest_framework import serializers as s

from procurement.contracts.api.render import PriceGroupRef
from sunlight.api.answers import Party, page_of
from sunlight.api.answers import price as _price
from sunlight.api.answers import quantity as _quantity
from sunlight.kernel.money import price_text


class Offer(s.Serializer):
    """Prices in CNY a pricing unit, quantities in the pricing unit."""

    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    seller = Party()
    listing = s.IntegerField(source="listing_id")
    price_group = PriceGroupRef()
    price = _price()
    quantity = _quantity()
    months = s.IntegerField(source="agreement_months")
    payment_days = s.IntegerField(allow_null=True)
    law_date = s.DateField()
    basis = s.CharField()
    on_silence = s.CharField()
    answer_due_on = s.DateField(allow_null=True)
    answer_due_provisional = s.BooleanField()
    made_at = s.DateTimeField()
    answered_at = s.DateTimeField(allow_null=True)
    answer_note = s.CharField()
    version = s.IntegerField()


class KeptDecision(s.Serializer):
    """The rule's answer the row rests on, with its facts."""

    rule = s.CharField()
    region = s.CharField(source="region_code")
    date = s.DateField(source="law_date")
    drafts = s.CharField()
    allowed = s.BooleanField(allow_null=True)
    outcome = s.JSONField()
    reasons = s.JSONField()
    parameters = s.JSONField()
    facts = s.JSONField()


class OfferWithDecision(Offer):
    decision = KeptDecision(allow_null=True)


class Product(s.Serializer):
    """A listing that may be bought: `listed_price`, `alert_line` and `own_latest_price` in CNY a pricing unit."""

    id = s.IntegerField(source="listing.price_group_id")
    listing = s.IntegerField(source="listing.id")
    name = s.CharField(source="listing.price_group.name")
    generic_code = s.CharField(source="listing.price_group.generic_code")
    certificate = s.CharField(source="listing.price_group.certificate.number")
    manufacturer = Party(source="listing.manufacturer")
    pricing_unit = s.CharField(source="units.base")
    packs = s.SerializerMethodField()
    specifications = s.IntegerField()
    listed_price = _price(source="prices.listed.price", allow_null=True, default=None)
    alert_line = _price(source="prices.alert.line", allow_null=True)
    alert_source = s.CharField(source="prices.alert.source")
    own_latest_price = _price(source="own_latest.price", allow_null=True, default=None)
    agreement = s.IntegerField(source="agreement.id", allow_null=True, default=None)
    agreed_price = _price(source="agreement.price", allow_null=True, default=None)
    open_offer = s.IntegerField(source="open_offer.id", allow_null=True, default=None)

    def get_packs(self, row) -> list[dict]:
        return [{"name": pack.name, "factor": pack.factor} for pack in row.units.packs]


class BoundItem(s.Serializer):
    name = s.CharField()
    label = s.CharField()
    price = _price()
    clause = s.CharField()
    is_draft = s.BooleanField()


class ProductWithBounds(Product):
    """`ceiling`: the lowest bound of an offer today; null where none binds."""

    bounds = BoundItem(many=True)
    ceiling = _price(allow_null=True)
    codes = s.ListField(child=s.CharField())


class Trial(s.Serializer):
    """The rule's answer to an offer that was not made."""

    regulated = s.BooleanField()
    allowed = s.BooleanField(allow_null=True)
    ceiling = _price(allow_null=True)
    outcome = s.JSONField(allow_null=True)
    reasons = s.JSONField()
    bounds = BoundItem(many=True)
    warned = BoundItem(many=True, help_text="征求意见稿所提上限，超过只提示")
    first_deal = s.JSONField(allow_null=True, help_text="首批成交裁定（first_deal.check）；有价格可比的产品为空")


OfferPage, ProductPage = map(page_of, (Offer, Product))


def offer(row) -> dict:
    return Offer(row).data


def decision(kept) -> dict:
    return {"decision": KeptDecision(kept).data if kept else None}


def product(row) -> dict:
    return Product(row).data


def bounds(judged) -> dict:
    """The bounds of today and the lowest of them."""
    return {
        "bounds": BoundItem(judged.bounds, many=True).data,
        "warned": BoundItem(judged.warned, many=True).data,
        "ceiling": None if judged.ceiling is None else price_text(judged.ceiling),
    }


def trial(judged) -> dict:
    answer = judged.decision.to_dict()
    first_deal = judged.first_deal.to_dict() if judged.first_deal else None
    return {
        "regulated": answer["regulated"],
        "allowed": answer["allowed"] and (first_deal is None or first_deal["allowed"] is not False),
        "outcome": answer["outcome"],
        "reasons": [*answer["reasons"], *(first_deal["reasons"] if first_deal else ())],
        "first_deal": first_deal,
    } | bounds(judged)
