"""Bodies that the moves of every room take; unknown keys are refused."""

from sunlight.api.serializers import StrictSerializer, Typed


class Reason(StrictSerializer):
    reason = Typed(max_length=500)


class Nothing(StrictSerializer):
    pass
