"""What the API answers about an order with its goods, deliveries and acceptances: one serializer a noun, for the answer and its
description. Prices in CNY a pricing unit, quantities in the pricing unit, amounts in fen."""

from rest_framework import serializers as s

from procurement.contracts.api.render import PriceGroupRef
from procurement.ordering.api.render import DeliveryPoint, OrderLine, OrderRow
from sunlight.api.answers import page_of
from sunlight.api.answers import price as _price
from sunlight.api.answers import quantity as _quantity


class DeliveryLine(s.Serializer):
    id = s.IntegerField()
    line_no = s.IntegerField()
    order_line = s.IntegerField(source="order_line_id")
    code = s.CharField(source="order_line.national_code.code")
    quantity = _quantity()
    lot = s.CharField()
    produced_on = s.DateField(allow_null=True)
    expires_on = s.DateField(allow_null=True)
    sterilisation_lot = s.CharField()
    serial = s.CharField()
    udi_di = s.CharField()
    udi_pi = s.CharField()
    barcode_type = s.CharField()
    traceability_codes = s.ListField(child=s.CharField())


class DeliveryRow(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    order = s.IntegerField(source="order_id")
    buyer = s.IntegerField(source="buyer_id")
    seller = s.IntegerField(source="seller_id")
    distributor = s.IntegerField(source="distributor_id", allow_null=True)
    note_number = s.CharField()
    carrier = s.CharField()
    waybill = s.CharField()
    dispatched_at = s.DateTimeField()
    expected_on = s.DateField(allow_null=True)
    accept_by = s.DateField(source="day", allow_null=True, default=None)
    days_late = s.IntegerField(default=0)
    is_late = s.BooleanField(source="is_open", default=False)
    cancel_reason = s.CharField()
    version = s.IntegerField()


class Delivery(DeliveryRow):
    lines = DeliveryLine(many=True, source="lines.all")


class Order(OrderRow):
    delivery_point = DeliveryPoint()
    contact_name = s.CharField()
    contact_phone = s.CharField()
    note = s.CharField()
    lines = OrderLine(many=True, source="lines.all")
    deliveries = Delivery(many=True, source="deliveries.all")


class AcceptanceLine(s.Serializer):
    id = s.IntegerField()
    delivery_line = s.IntegerField(source="delivery_line_id")
    order_line = s.IntegerField(source="delivery_line.order_line_id")
    code = s.CharField(source="delivery_line.order_line.national_code.code")
    price_group = PriceGroupRef(source="delivery_line.order_line.price_group")
    lot = s.CharField(source="delivery_line.lot")
    price = _price(source="delivery_line.order_line.price")
    accepted_quantity = _quantity()
    rejected_quantity = _quantity()
    rejection_reason = s.CharField()
    invoiced_quantity = _quantity()


class AcceptanceRow(s.Serializer):
    id = s.IntegerField()
    number = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    delivery = s.IntegerField(source="delivery_id")
    order = s.IntegerField(source="delivery.order_id")
    buyer = s.IntegerField(source="buyer_id")
    seller = s.IntegerField(source="seller_id")
    distributor = s.IntegerField(source="distributor_id", allow_null=True)
    accepted_on = s.DateField()
    arrived_on = s.DateField()
    note = s.CharField()
    reversed_at = s.DateTimeField(allow_null=True)
    reversal_reason = s.CharField()
    version = s.IntegerField()


class Acceptance(AcceptanceRow):
    lines = AcceptanceLine(many=True, source="lines.all")


DeliveriesPage = page_of(DeliveryRow)


AcceptancesPage = page_of(AcceptanceRow)
