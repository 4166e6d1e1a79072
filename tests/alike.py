"""Sends the same wrong values to a page and to the API and compares how both refuse: the code, the field, the words.

Of the values of a field `make test` sends the first and one more, another in every run; `make walls` sends all.
"""

import os
import random
from dataclasses import dataclass, field
from typing import Any

LEFT_OUT = object()
LONG = "9" * 30


@dataclass(frozen=True)
class Both:
    """A form and the endpoint that take the same act, with what else either needs to be sent."""

    browser: Any
    url: str
    api: Any
    path: str
    form: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)

    def by_page(self, name: str, value) -> tuple[str, str, str]:
        sent = {key: each for key, each in self.form.items() if key != name}
        response = self.browser.post(self.url, sent if value is LEFT_OUT else sent | {name: value})
        assert response.status_code in (404, 422), (name, value, response.status_code)
        refusal = response.context["refusal"]
        return refusal.code, refusal.field, refusal.message

    def by_api(self, name: str, value) -> tuple[str, str, str]:
        """`name` may point into the first of `lines`, as the field of a refusal does."""
        body = dict(self.body)
        key, inside = name, body
        if name.startswith("lines[0]."):
            key = name.removeprefix("lines[0].")
            inside = dict(body["lines"][0])
            body["lines"] = [inside, *body["lines"][1:]]
        inside.pop(key, None)
        if value is not LEFT_OUT:
            inside[key] = value
        status, problem = self.api.post(self.path, body)
        assert status in (404, 422), (name, value, status, problem)
        return problem["code"], problem.get("field", ""), problem["detail"]


def reasons(most: int, *, required: bool = True) -> list:
    """Wrong reasons and notes, as a form sends them, and as JSON does where that differs."""
    missing = [("", ""), (" \n", " \n"), ("\u200b", "\u200b"), (LEFT_OUT, LEFT_OUT)] if required else []
    return [*missing, ("长" * (most + 1), "长" * (most + 1)), ("a\x07b", "a\x07b")]


def days(*, required: bool = True) -> list:
    missing = [("", ""), (LEFT_OUT, LEFT_OUT)] if required else []
    return [*missing, ("2026-02-30", "2026-02-30"), ("昨天", "昨天"), ("20260302", "20260302")]


def ids(*, required: bool = True) -> list:
    """Ids are digits in a form and numbers in JSON."""
    missing = [("", LEFT_OUT), (LEFT_OUT, LEFT_OUT)] if required else []
    return [*missing, ("x", "x"), ("1.5", 1.5), (LONG, int(LONG)), ("0", 0)]


def numbers() -> list:
    return [(each, each) for each in ("", "x", "-1", "1e3", "1.00001", "9" * 20)] + [(LEFT_OUT, LEFT_OUT)]


def sampled(values: list) -> list:
    """All of them under `make walls`; which others are chosen follows from the seed of the run."""
    if os.environ.get("SUNLIGHT_ALL_ROUTES") == "1":
        return values
    return [*values[:1], *random.sample(values[1:], min(1, len(values) - 1))]


def refused_alike(both: Both, page_name: str, api_name: str, values: list) -> None:
    """Each wrong value is refused by page and API with one code, at one field, in the same words."""
    for typed, sent in sampled(values):
        by_page, by_api = both.by_page(page_name, typed), both.by_api(api_name, sent)
        assert by_page[:2] == by_api[:2], (api_name, typed, by_page, by_api)
        assert by_page[0] != "not_found" or LONG in str(typed) or typed == "0", (api_name, typed, by_page)
        # Of the wrong kind of JSON the API speaks by itself: a number is wanted, not digits.
        if not isinstance(sent, float) and (by_page[0], sent) != ("invalid", "x"):
            assert by_page[2] == by_api[2], (api_name, typed)


def nul_is_refused(both: Both, page_name: str, api_name: str) -> None:
    """The page refuses a NUL at its field; the API takes no JSON that holds one."""
    assert both.by_page(page_name, "a\x00b")[:2] in (
        ("invalid", api_name),
        ("malformed", api_name),
        ("bad_date", api_name),
    )
    status, problem = both.api.post(both.path, both.body | {api_name.split(".")[-1]: "a\x00b"})
    assert (status, problem["code"]) == (400, "parse_error")
