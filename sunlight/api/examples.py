"""Examples of the API: requests and answers as a test recorded them (tests/procurement/test_api_examples.py)."""

import functools
import json
from pathlib import Path

FILE = Path(__file__).with_name("examples.json")


@functools.cache
def examples() -> dict[str, list[dict]]:
    """Operation id → its examples: title, method, path, headers, body, status, answer."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def put_into(document: dict) -> None:
    """Set each operation's examples where OpenAPI has a place for them."""
    for methods in document.get("paths", {}).values():
        for operation in methods.values():
            for number, example in enumerate(examples().get(operation.get("operationId", ""), []), start=1):
                _put(operation, f"example{number}", example)


def _put(operation: dict, name: str, example: dict) -> None:
    body = operation.get("requestBody", {}).get("content", {})
    for content in body.values():
        if example["body"] is not None:
            content.setdefault("examples", {})[name] = {"summary": example["title"], "value": example["body"]}
    for content in operation["responses"].get(str(example["status"]), {}).get("content", {}).values():
        content.setdefault("examples", {})[name] = {"summary": example["title"], "value": example["answer"]}
