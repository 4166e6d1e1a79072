"""What the API takes about orders, delivery points and authorisations; unknown keys are refused."""

from rest_framework import serializers

from procurement.ordering.services.lines import MOST_LINES, MOST_REQUESTS
from sunlight.api.serializers import Day, Number, StrictSerializer, Text, Typed, TypedId


class Flag(serializers.BooleanField):
    """JSON true or false, nothing that could be turned into it."""

    default_error_messages = {"invalid": "须为 true 或 false。"}

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


def text(longest: int, **more) -> Typed:
    return Typed(max_length=longest, required=False, allow_blank=True, default="", **more)


def day(**more) -> Day:
    return Day(required=False, allow_null=True, default=None, **more)


class OrderLineBody(StrictSerializer):
    """`code` 27 or 22 characters; `quantity` in the pricing unit, or of `pack_name`."""

    code = Typed(max_length=100)
    quantity = Number()
    pack_name = text(20)
    agreement = TypedId(required=False, allow_null=True, default=None)
    plan_number = text(40)
    plan_line = text(40)
    request_numbers = serializers.ListField(
        child=Typed(max_length=40), required=False, default=list, max_length=MOST_REQUESTS
    )
    own_product_code = text(60)

    def validate(self, attrs):
        attrs["agreement_id"] = attrs.pop("agreement")
        return attrs


class OrderBody(StrictSerializer):
    """A basket; one order comes of it for each supplier. `confirmations`: the `confirmation` keys of a refusal
    `confirm_needed`. `distributor_code` is taken only where it names the authorised one (SZ24-3.6)."""

    lines = OrderLineBody(many=True, min_length=1, max_length=MOST_LINES)
    delivery_point = TypedId()
    contact_name = text(60)
    contact_phone = text(40)
    latest_arrival_on = day()
    is_urgent = Flag(required=False, default=False)
    several_deliveries = Flag(required=False, default=True)
    plan_number = text(40)
    note = text(500)
    distributor_code = text(18)
    confirmations = serializers.ListField(child=Text(max_length=100), required=False, default=list, max_length=1500)


class OrderAcceptBody(StrictSerializer):
    """Without a choice the standing authorisations name the distributor."""

    distributor = TypedId(required=False, allow_null=True, default=None)
    delivers_itself = Flag(required=False, default=False)
    note = text(500)


class DistributorBody(StrictSerializer):
    """`distributor`: an authorised one, or null where the manufacturer delivers itself."""

    distributor = TypedId(allow_null=True)
    reason = text(500)


class AuthorisationBody(StrictSerializer):
    distributor = TypedId()
    price_group = TypedId(required=False, allow_null=True, default=None)
    hospital = TypedId(required=False, allow_null=True, default=None)
    region = text(20, allow_null=True)
    valid_from = Day()
    valid_to = Day()
    is_default = Flag(required=False, default=False)


class DeliveryPointBody(StrictSerializer):
    code = Typed(max_length=20)
    name = Typed(max_length=100)
    address = Typed(max_length=300)
    contact_name = Typed(max_length=60)
    contact_phone = Typed(max_length=40)


class DeliveryPointChange(StrictSerializer):
    name = Typed(max_length=100, required=False)
    address = Typed(max_length=300, required=False)
    contact_name = Typed(max_length=60, required=False)
    contact_phone = Typed(max_length=40, required=False)
    is_active = Flag(required=False)
