"""What the API answers about contracts and agreed prices: one serializer a noun, for the answer and for its description."""

from rest_framework import serializers as s

from sunlight.api.answers import Party, page_of
from sunlight.api.answers import price as _price
from sunlight.api.answers import quantity as _quantity


class PriceGroupRef(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    generic_code = s.CharField()
    pricing_unit = s.CharField()
    certificate = s.CharField(source="certificate.number")


class Agreement(s.Serializer):
    id = s.IntegerField()
    contract = s.IntegerField(source="contract_id")
    contract_number = s.CharField(source="contract.number")
    contract_state = s.CharField(source="contract.state")
    source_kind = s.CharField()
    source_id = s.IntegerField()
    buyer = Party()
    seller = Party()
    listing = s.IntegerField(source="listing_id")
    price_group = PriceGroupRef()
    price = _price()
    quantity = _quantity(allow_null=True)
    valid_from = s.DateField()
    valid_to = s.DateField()


class ContractRow(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    seller = Party()
    valid_from = s.DateField()
    valid_to = s.DateField()
    payment_days = s.IntegerField(allow_null=True)
    text_sha256 = s.CharField()
    made_at = s.DateTimeField()
    seller_signed_at = s.DateTimeField(allow_null=True)
    seller_consent_number = s.CharField()
    seller_consent_clause = s.CharField()
    buyer_signed_at = s.DateTimeField(allow_null=True)
    ended_at = s.DateTimeField(allow_null=True)
    end_reason = s.CharField()
    version = s.IntegerField()


class ContractLine(s.Serializer):
    id = s.IntegerField()
    source_kind = s.CharField()
    source_id = s.IntegerField()
    price_group = PriceGroupRef()
    price = _price()
    quantity = _quantity(allow_null=True)
    valid_from = s.DateField()
    valid_to = s.DateField()


class Contract(ContractRow):
    text = s.CharField()
    agreements = ContractLine(many=True, source="agreements.all")


ContractPage, AgreementPage = map(page_of, (ContractRow, Agreement))


def contract_row(row) -> dict:
    return ContractRow(row).data


def contract(row) -> dict:
    return Contract(row).data


def agreement(row) -> dict:
    return Agreement(row).data
