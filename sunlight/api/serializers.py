"""Request bodies as the API takes them: known keys only, text where text is asked for, whole numbers as numbers."""

from functools import cache

from rest_framework import serializers


class Text(serializers.CharField):
    """JSON text, nothing that could be turned into it."""

    default_error_messages = {"invalid": "须为文本（JSON 字符串）。"}

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(Text):
    """A price, quantity or amount as JSON text, `"12.5000"`: never a JSON number, which would lose digits. The service
    parses it and names what is wrong."""

    default_error_messages = {"invalid": '须为数字文本，例如 "12.5"，不得为 JSON 数字。'}

    def __init__(self, **kwargs):
        super().__init__(max_length=60, **kwargs)


class WholeNumber(serializers.IntegerField):
    """A JSON integer; text, fractions and true are refused."""

    default_error_messages = {"invalid": "须为整数（JSON 数字）。"}

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class RowId(WholeNumber):
    """The id of a row. The service finds it among what the caller may read, or answers that it is not there; the
    description marks it `x-row-id`, so that a test can put everybody else's into it."""


class StrictSerializer(serializers.Serializer):
    """A body with these keys and no other. `read(request)` gives the valid values or answers 422 with the fields."""

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({str(key)[:60]: ["没有这个字段，请删除。"] for key in unknown})
        return super().to_internal_value(data)

    @classmethod
    def read(cls, request) -> dict:
        try:
            return dict(_kept(cls).run_validation(request.data))
        except serializers.ValidationError:
            # A serializer of its own words the refusal as the framework does.
            cls(data=request.data).is_valid(raise_exception=True)
            raise


@cache
def _kept(body: type[StrictSerializer]) -> StrictSerializer:
    """A serializer for all requests: it keeps nothing of what it reads, and to make one copies all of its fields."""
    return body()
