"""How endpoints appear in the OpenAPI document: stable names, and what the kit does for all of them, so that an
endpoint describes only its own part."""

from drf_spectacular.openapi import AutoSchema

from sunlight.api.errors import TITLES
from sunlight.api.examples import put_into
from sunlight.api.idempotency import LONGEST_KEY
from sunlight.api.permissions import ANYBODY
from sunlight.api.serializers import RowId, StrictSerializer, Text

_TEXT, _OBJECTS = {"type": "string"}, {"type": "array", "items": {"type": "object"}}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `type` and `code` are stable; `detail` is for people.",
    "properties": {
        "type": _TEXT | {"format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "field": _TEXT | {"description": "where in the request, such as lines[0].code"},
        "clauses": {"type": "array", "items": _TEXT},
        "reasons": _OBJECTS,
        "errors": _OBJECTS,
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_HEADERS = {
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "calls a minute"},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "calls left of this minute"},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "seconds until the minute begins anew"},
    "ETag": {"schema": _TEXT, "description": "strong; a row's begins with its version"},
}
_LIMITS = [name for name in _HEADERS if name.startswith("RateLimit")]


def shared(result, generator, request, public):
    """Postprocessing: the problems and headers that operations refer to."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["headers"] = _HEADERS
    put_into(result)
    components["responses"] = {f"Problem{status}": _problem(status) for status in TITLES}
    return result


def _problem(status: int) -> dict:
    return {
        "description": TITLES[status],
        "headers": _refer(_LIMITS),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _refer(names: list[str]) -> dict:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(name: str, description: str, **schema) -> dict:
    return {"in": "header", "name": name, "description": description, "schema": _TEXT | schema}


def page_schema(item: dict) -> dict:
    """One page of a list, where its rows are described by hand."""
    address = {"type": "string", "format": "uri", "nullable": True}
    rows = {"type": "array", "items": item}
    return {"type": "object", "properties": {"next": address, "previous": address, "results": rows}}


class Schema(AutoSchema):
    """A GET of a path that ends with an id is `…_retrieve`, any other `…_list`; a body's name begins with its app's."""

    def get_operation_id(self):
        name = super().get_operation_id()
        ends_with_id = self.path.rstrip("/").endswith("}")
        if self.method == "GET" and not ends_with_id and name.endswith("_retrieve"):
            return f"{name.removesuffix('_retrieve')}_list"
        return name

    def get_description(self):
        """The endpoint's own words, not those of the class it inherits from."""
        return super().get_description() if type(self.view).__dict__.get("__doc__") else ""

    def _get_serializer_name(self, serializer, direction, bypass_extensions=False):
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        module = type(serializer).__module__
        # What is described in place belongs to the view that does so.
        app = (type(self.view).__module__ if module.startswith("rest_framework") else module).split(".")[0].capitalize()
        return name if not name or name.startswith(app) else f"{app}{name}"

    def _map_basic_serializer(self, serializer, direction):
        """A strict body takes no other keys."""
        schema = super()._map_basic_serializer(serializer, direction)
        return schema | {"additionalProperties": False} if isinstance(serializer, StrictSerializer) else schema

    def _map_serializer_field(self, field, direction, bypass_extensions=False):
        """A text that may not be blank has something in it that is not a space, and none has a NUL; a row's id says so."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(field, RowId):
            schema = schema | {"x-row-id": True}
        if isinstance(field, Text):
            schema = schema | {"pattern": r"^[^\u0000]*$"}
            if not field.allow_blank:
                schema |= {"minLength": 1, "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}
        return schema

    def get_operation(self, *args, **kwargs):
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        roles = self.view.roles.get(self.method, ANYBODY)
        operation["x-roles"] = [] if roles == ANYBODY else sorted(roles)
        parameters = operation.setdefault("parameters", [])
        parameters += self._common_parameters(operation)
        self._limit_ids(parameters)
        responses = operation["responses"]
        if self.method == "GET":
            responses["304"] = {"description": "没有变化"}
        for code, response in responses.items():
            tagged = ["ETag"] if code in ("200", "304") and self.method == "GET" else []
            response.setdefault("headers", {}).update(_refer(_LIMITS + tagged))
        for status in self._problems():
            responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _common_parameters(self, operation: dict) -> list[dict]:
        if self.method == "GET":
            found = [_header("If-None-Match", "已有内容的 ETag；没有变化则回 304")]
            if self._is_page(operation):
                limit = {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}
                found += [
                    {"in": "query", "name": "limit", "schema": limit, "description": "每页行数"},
                    {"in": "query", "name": "cursor", "schema": _TEXT, "description": "取自上一页的 next"},
                ]
            return found
        found = []
        if getattr(getattr(self.view, "post", None), "is_idempotent", False) and self.method == "POST":
            found.append(
                _header("Idempotency-Key", "同一业务动作重发时使用同一个键", minLength=1, maxLength=LONGEST_KEY)
            )
        if getattr(self.view, "locked", None):
            found.append(_header("If-Match", "所读内容的 ETag；已被修改则回 412", minLength=1))
        return found

    def _limit_ids(self, parameters: list[dict]) -> None:
        for parameter in parameters:
            if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
                parameter["schema"] |= {"minimum": 1, "maximum": 2**63 - 1}

    def _is_page(self, operation: dict) -> bool:
        content = operation["responses"].get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        return schema.get("$ref", "").endswith("Page") or "next" in schema.get("properties", {})

    def _problems(self) -> list[int]:
        """The statuses of the problems that the kit answers by itself, whatever the endpoint."""
        found = {404, 406, 422, 429}
        if self.view.roles.get(self.method) != ANYBODY:
            found |= {401, 403}
        if self.method != "GET":
            found |= {400, 409, 412, 413, 415}
        return sorted(found)
