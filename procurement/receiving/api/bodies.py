"""What the API takes about deliveries and acceptances; unknown keys are refused."""

from rest_framework import serializers

from procurement.ordering.api.bodies import day, text
from procurement.receiving.services.deliveries import MOST_CODES
from procurement.receiving.services.deliveries import MOST_LINES as MOST_LOTS
from sunlight.api.serializers import Day, Number, StrictSerializer, Typed, TypedId


class DeliveryLineBody(StrictSerializer):
    order_line = TypedId()
    quantity = Number()
    lot = text(60)
    produced_on = day()
    expires_on = day()
    sterilisation_lot = text(60)
    serial = text(60)
    udi = text(254, trim_whitespace=False)
    udi_di = text(60)
    udi_pi = text(120)
    traceability_codes = serializers.ListField(
        child=Typed(max_length=60), required=False, default=list, max_length=MOST_CODES
    )


class DeliveryBody(StrictSerializer):
    lines = DeliveryLineBody(many=True, min_length=1, max_length=MOST_LOTS)
    note_number = text(40)
    carrier = text(100)
    waybill = text(60)
    expected_on = day()


class AcceptanceLineBody(StrictSerializer):
    """Accepted and rejected together are what was delivered; a rejection has its reason."""

    delivery_line = TypedId()
    accepted = Number(required=False, default="0")
    rejected = Number(required=False, default="0")
    reason = text(300)


class AcceptanceBody(StrictSerializer):
    arrived_on = Day()
    lines = AcceptanceLineBody(many=True, min_length=1, max_length=MOST_LOTS)
    note = text(500)
