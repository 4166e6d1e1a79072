"""Bodies that the moves of every room take; unknown keys are refused."""

from sunlight.api.serializers import StrictSerializer, Text


class Reason(StrictSerializer):
    reason = Text(max_length=500)


class Nothing(StrictSerializer):
    pass
