"""Bodies of the API's requests, made from the OpenAPI document: every field filled, ids of rows by what is asked for."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db import models
from drf_spectacular.generators import SchemaGenerator

from tests.security.estate import BASE

# Texts that mean something, by the field's name; others are just a text.
SAMPLES = {
    "price": "12.5",
    "declared_price": "12.5",
    "quantity": "10",
    "code": f"C{BASE % 10**15:026d}",
    "pricing_unit": "个",
    "url": "https://hooks.example.cn/in",
    "reason": "测试原因",
    "province": "320000",
    "on": "2026-03-02",
    "latest_arrival_on": "2099-01-05",
}
DEEPEST = 8


def document() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def template(pattern: str) -> str:
    """A route of the URLconf as OpenAPI writes it, without its first slash."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)


def operations(found: dict) -> dict[tuple[str, str], dict]:
    """(method, path) → operation."""
    return {(m.upper(), path): o for path, methods in found["paths"].items() for m, o in methods.items()}


class Filler:
    """`body(operation)` with an id of your own in each field that is a row's; `ids` replaces them by their place."""

    def __init__(self, found: dict):
        self.schemas = found["components"]["schemas"]

    def resolved(self, schema: dict) -> dict:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def schema(self, operation: dict) -> dict | None:
        content = operation.get("requestBody", {}).get("content", {})
        return content["application/json"]["schema"] if "application/json" in content else None

    def places(self, schema: dict, at: str = "", depth: int = 0) -> Iterator[tuple[str, dict]]:
        """Place → every scalar field's schema, such as `lines[].agreement`."""
        schema = self.resolved(schema)
        if depth > DEEPEST:
            return
        for name, each in schema.get("properties", {}).items():
            yield from self.places(each, f"{at}.{name}".lstrip("."), depth + 1)
        if "items" in schema:
            yield from self.places(schema["items"], f"{at}[]", depth + 1)
        if "properties" not in schema and "items" not in schema:
            yield at, schema

    def ids(self, operation: dict) -> list[str]:
        schema = self.schema(operation)
        return [] if schema is None else [place for place, each in self.places(schema) if each.get("x-row-id")]

    def body(self, operation: dict, ids: dict[str, int] | None = None):
        schema = self.schema(operation)
        return {} if schema is None else self.value(schema, ids or {})

    def value(self, schema: dict, ids: dict[str, int], at: str = "", depth: int = 0):
        schema = self.resolved(schema)
        if schema.get("x-row-id"):
            return ids.get(at, BASE)
        if "properties" in schema:
            return {
                name: self.value(each, ids, f"{at}.{name}".lstrip("."), depth + 1)
                for name, each in schema["properties"].items()
                if not each.get("readOnly") and depth <= DEEPEST
            }
        if "items" in schema:
            return [self.value(schema["items"], ids, f"{at}[]", depth + 1)]
        return scalar(schema, at.rpartition(".")[2])


def scalar(schema: dict, name: str):
    kind = schema.get("type")
    kind = next(each for each in kind if each != "null") if isinstance(kind, list) else kind
    if choices := [each for each in schema.get("enum", ()) if each]:
        return choices[0]
    if kind == "integer":
        return max(schema.get("minimum", 1), min(12, schema.get("maximum", 12)))
    if kind == "boolean":
        return False
    if kind == "object":
        return {}
    if schema.get("format") == "date":
        return SAMPLES.get(name, "2026-03-02")
    if schema.get("format") == "date-time":
        return "2026-03-02T12:00:00+08:00"
    return SAMPLES.get(name, "10")[: schema.get("maxLength", 60)]


def model_of(place: str) -> type[models.Model] | None:
    """The model whose rows a field names: that of the foreign keys that are called so, or the one that is."""
    name = place.rpartition(".")[2].removesuffix("[]").removeprefix("other_")
    wanted = {name, name.removesuffix("_id"), name.removesuffix("s")}
    for model in apps.get_models():
        for each in model._meta.concrete_fields:
            if isinstance(each, models.ForeignKey) and each.name in wanted:
                return each.related_model
    compound = name.replace("_", "") if "_" in name else ""
    return next((model for model in apps.get_models() if model._meta.model_name == compound), None)
