"""Request bodies as the API accepts them: known keys only, text where text is asked for, whole numbers as numbers.

A body has the right shape; the law is the service's. A `Typed` field states its limit in the schema and hands on what
was sent, as a page's form does, so that the service refuses it alike (see `sunlight.kernel.reading`)."""

import re
from functools import cache

from rest_framework import serializers

# Half of a character outside the first plane: JSON can spell it, UTF-8 cannot.
_HALF = re.compile("[\ud800-\udfff]")


class Text(serializers.CharField):
    """JSON text, nothing that could be turned into it."""

    default_error_messages = {"invalid": "须为文本（JSON 字符串）。"}

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Passed:
    """A field of which only the kind of JSON is looked at here: what is left out, empty or too long is the service's to
    refuse. What is left out of a required field reaches the service as `nothing`."""

    nothing = None

    def run_validation(self, data=serializers.empty):
        if data is serializers.empty:
            return self.nothing if self.required else self.get_default()
        if data is None:
            if not self.allow_null:
                self.fail("null")
            return None
        return self.to_internal_value(data)


class Typed(Passed, Text):
    """Text that the service reads."""

    nothing = ""

    def to_internal_value(self, data):
        if not isinstance(data, str) or _HALF.search(data):
            self.fail("invalid")
        return data


class Day(Passed, serializers.DateField):
    """A day as JSON text, `"2026-08-31"`, that the service reads."""

    default_error_messages = {"invalid": '须为日期文本，例如 "2026-08-31"。'}

    def to_internal_value(self, data):
        if not isinstance(data, str) or _HALF.search(data):
            self.fail("invalid")
        return data


class Number(Typed):
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


class TypedId(Passed, RowId):
    """The id of a row that the service reads: one left out is the service's to refuse."""


class StrictSerializer(serializers.Serializer):
    """A body with these keys and no other. `read(request)` gives the valid values or answers 422 with the fields."""

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({str(key)[:60]: ["没有这个字段，请删除。"] for key in unknown})
        return super().to_internal_value(data)

    @classmethod
    def read(cls, request) -> dict:
        try:
            return dict(_cached(cls).run_validation(request.data))
        except serializers.ValidationError:
            # A separate serializer words the refusal as the framework does.
            cls(data=request.data).is_valid(raise_exception=True)
            raise


@cache
def _cached(body: type[StrictSerializer]) -> StrictSerializer:
    """A serializer for all requests: it keeps nothing of what it reads, and to make one copies all of its fields."""
    return body()
