"""ETags: what has not changed is not sent again (304), what has changed is not changed unseen (412).

The ETag of a row's answer is `"<version>-<hash of the bytes>"`, of anything else `"<hash>"`; all are strong. `If-Match` on
a move of a row (`POST …/accept/`) takes the ETag of the row itself and compares its version, the row locked.
"""

import functools
import hashlib
import re

from django.utils.http import parse_etags
from rest_framework.exceptions import APIException

from sunlight.journal.refusals import Invalid

_OF_A_ROW = re.compile(r'"(\d{1,9})-[0-9a-f]{32}"')


class PreconditionFailed(APIException):
    status_code, default_code = 412, "precondition_failed"


def etag_of(data: object, content: bytes) -> str:
    version = data.get("version") if isinstance(data, dict) else None
    digest = hashlib.sha256(content).hexdigest()[:32]
    return f'"{version}-{digest}"' if isinstance(version, int) else f'"{digest}"'


def tag(request, response):
    """After rendering a GET: give the answer its ETag, and send no body where the client has it already."""
    etag = etag_of(getattr(response, "data", None), response.content)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # If-None-Match compares weakly (RFC 9110, 13.1.2): proxies mark what they compress.
    if known == ["*"] or etag in (each.removeprefix("W/") for each in known):
        response.status_code, response.content = 304, b""
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)


def matched(handler):
    """Wrap a handler that changes a row: with `If-Match` the row is locked first and its version compared."""

    @functools.wraps(handler)
    def change(view, request, *args, **kwargs):
        given = request.headers.get("If-Match")
        wanted = ["*"] if given is None else parse_etags(given)
        if not wanted:  # a condition that cannot be read must not count as none
            raise Invalid(
                "if_match_form",
                "If-Match 须为读取该内容时所得的 ETag，连同双引号原样填写。请改正后重试，无条件时不要附带。",
                field="If-Match",
            )
        if wanted != ["*"]:
            _compare(view, wanted, kwargs)
        return handler(view, request, *args, **kwargs)

    return change


def _compare(view, wanted: list[str], kwargs: dict) -> None:
    if view.locked is None or len(kwargs) != 1:
        raise PreconditionFailed("此接口所操作的内容没有版本，不能附带 If-Match。请去掉后重试。")
    version = view.locked(view.actor, next(iter(kwargs.values()))).version
    seen = {int(found[1]) for each in wanted if (found := _OF_A_ROW.fullmatch(each))}
    if version not in seen:
        raise PreconditionFailed(f"内容在您读取之后已被修改，现为第 {version} 版。请重新读取，核对后再提交。")
