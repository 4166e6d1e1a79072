"""What the API answers about orders, delivery points and authorisations: one serializer a noun, for the answer and its
description. Prices in CNY a pricing unit, quantities in the pricing unit, amounts in fen."""

from rest_framework import serializers as s

from sunlight.api.answers import Party, page_of
from sunlight.api.answers import price as _price
from sunlight.api.answers import quantity as _quantity


class DeliveryPoint(s.Serializer):
    id = s.IntegerField()
    code = s.CharField()
    name = s.CharField()
    address = s.CharField()
    contact_name = s.CharField()
    contact_phone = s.CharField()
    is_active = s.BooleanField()


class Authorisation(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    manufacturer = Party()
    distributor = Party()
    price_group = s.IntegerField(source="price_group_id", allow_null=True)
    hospital = s.IntegerField(source="hospital_id", allow_null=True)
    region = s.CharField(source="region.code", allow_null=True, default=None)
    is_default = s.BooleanField()
    valid_from = s.DateField()
    valid_to = s.DateField()
    revoked_at = s.DateTimeField(allow_null=True)


class OrderRow(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    buyer = Party()
    seller = Party()
    distributor = Party(allow_null=True)
    plan_number = s.CharField()
    amount_fen = s.IntegerField()
    is_urgent = s.BooleanField()
    several_deliveries = s.BooleanField()
    latest_arrival_on = s.DateField(allow_null=True)
    delivery_due_at = s.DateTimeField(allow_null=True)
    # What an order that was only just placed cannot be yet.
    delivered_on = s.DateField(source="done_on", allow_null=True, default=None)
    days_late = s.IntegerField(default=0)
    is_late = s.BooleanField(source="is_open", default=False)
    placed_at = s.DateTimeField()
    answered_at = s.DateTimeField(allow_null=True)
    answer_note = s.CharField()
    closed_at = s.DateTimeField(allow_null=True)
    close_reason = s.CharField()
    version = s.IntegerField()


class OrderLine(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    line_no = s.IntegerField()
    plan_number = s.CharField()
    plan_line = s.CharField()
    request_numbers = s.ListField(child=s.CharField())
    code = s.CharField(source="national_code.code")
    own_product_code = s.CharField()
    product_name = s.CharField(source="national_code.product_name")
    specification = s.CharField(source="national_code.specification")
    pricing_unit = s.CharField(source="price_group.pricing_unit")
    agreement = s.IntegerField(source="agreement_id")
    pack_name = s.CharField()
    pack_factor = s.IntegerField()
    quantity = _quantity()
    price = _price()
    amount_fen = s.IntegerField()
    payment_days = s.IntegerField(allow_null=True)
    delivered_quantity = _quantity()
    accepted_quantity = _quantity()
    invoiced_quantity = _quantity()


OrdersPage = page_of(OrderRow)
AuthorisationsPage = page_of(Authorisation)
DeliveryPointsPage = page_of(DeliveryPoint)
