"""The API's documentation for reading: made from the OpenAPI document, without scripts and without anybody's CDN."""

import functools
import json

from django.http import Http404
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from sunlight.api.examples import examples
from sunlight.web.pages import public_page

DEEPEST = 4


@functools.cache
def _document() -> dict:
    """Routes and serializers do not change while a process lives."""
    return SchemaGenerator().get_schema(request=None, public=True)


@functools.cache
def _topics() -> dict[str, list[dict]]:
    """Topic → its operations in the order of their paths."""
    topics: dict[str, list[dict]] = {}
    for path, methods in _document()["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            topics.setdefault(tag, []).append(_shown(path, method, operation))
    return dict(sorted(topics.items()))


def _shown(path: str, method: str, operation: dict) -> dict:
    name = operation["operationId"]
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": name,
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", name),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": p["name"],
                "where": p["in"],
                "required": p.get("required", False),
                "type": _type(p.get("schema", {})),
                "text": p.get("description", ""),
            }
            for p in operation.get("parameters", [])
        ],
        "bodies": [{"type": kind, "fields": _fields(content.get("schema", {}))} for kind, content in body.items()],
        "answers": [_answer(status, answer) for status, answer in operation["responses"].items() if status < "300"],
        "problems": [status for status in operation["responses"] if status >= "400"],
        "examples": [
            {
                **example,
                "headers": [f"{key}: {value}" for key, value in example["headers"].items()],
                "body": _indented(example["body"]),
                "answer": _indented(example["answer"]),
            }
            for example in examples().get(name, [])
        ],
    }


def _indented(value) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _answer(status: str, answer: dict) -> dict:
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    return {"status": status, "fields": _fields(schemas[0]) if schemas else []}


def _resolved(schema: dict) -> dict:
    while "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    parts = schema.get("allOf", ())
    return _resolved(parts[0]) if len(parts) == 1 else schema


def _type(schema: dict) -> str:
    schema = _resolved(schema)
    kind = schema.get("type", "")
    if isinstance(kind, list):
        kind = " | ".join(kind)
    if schema.get("enum"):
        return " | ".join(str(each) for each in schema["enum"] if each not in ("", None))
    return f"{kind} ({schema['format']})" if schema.get("format") else kind or "any"


def _fields(schema: dict, prefix: str = "", depth: int = 0) -> list[dict]:
    """The fields of a schema, those within as `lines[].code`."""
    schema = _resolved(schema)
    if schema.get("type") == "array":
        return _fields(schema.get("items", {}), f"{prefix}[]", depth)
    found = []
    for name, each in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        inner = _resolved(each)
        found.append(
            {
                "name": path,
                "type": _type(each),
                "required": name in schema.get("required", ()),
                "text": each.get("description") or inner.get("description", "") or "",
            }
        )
        if depth < DEEPEST and (inner.get("properties") or inner.get("type") == "array"):
            found += _fields(inner, path, depth + 1)
    return found


@public_page()
def index(request):
    return render(request, "accounts/api_docs.html", {"topics": _topics()})


@public_page()
def topic(request, tag: str):
    operations = _topics().get(tag)
    if operations is None:
        raise Http404
    return render(request, "accounts/api_topic.html", {"topic": tag, "operations": operations})
