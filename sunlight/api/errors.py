"""Every error as RFC 9457 problem details with a stable `type`, a field pointer, reasons and clauses."""

from django.db import transaction
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from sunlight.journal.refusals import Refused, invalid_of
from sunlight.kernel.reading import Unreadable

STATUS_OF_KIND = {"refused": 422, "not_there": 404, "forbidden": 403, "conflict": 409, "invalid": 422}
TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "无权操作",
    404: "没有找到",
    405: "不支持此方法",
    406: "无法按要求的格式应答",
    409: "状态冲突",
    412: "内容已被修改",
    413: "内容过大",
    415: "不支持的内容类型",
    422: "未予受理",
    429: "请求过于频繁",
}


def problem(status: int, code: str, detail: str, **more) -> Response:
    body = {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, "错误"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    body.update({key: value for key, value in more.items() if value})
    return Response(body, status=status, content_type="application/problem+json")


def problem_of(refusal: Refused) -> Response:
    return problem(
        STATUS_OF_KIND[refusal.kind],
        refusal.code,
        refusal.message,
        field=refusal.field,
        clauses=refusal.clauses,
        reasons=refusal.reasons,
        errors=refusal.items,
    )


def _under(path: str, key: str | int) -> str:
    """`lines` and 0 → `lines[0]`, `lines[0]` and `code` → `lines[0].code`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _flatten(detail, path="") -> list[dict]:
    if isinstance(detail, dict):
        return [item for key, value in detail.items() for item in _flatten(value, _under(path, key))]
    if isinstance(detail, list) and any(isinstance(each, (dict, list)) for each in detail):
        return [item for index, value in enumerate(detail) for item in _flatten(value, f"{path}[{index}]")]
    texts = detail if isinstance(detail, list) else [detail]
    return [{"field": path, "code": getattr(text, "code", "invalid"), "message": str(text)} for text in texts]


def _place(field: str) -> str:
    """Where something is wrong, for people: a field, or the object that is none."""
    return field.removesuffix("non_field_errors").removesuffix(".") or "请求体"


def handle(exception, context):
    """DRF's exception handler. An unforeseen exception is not handled here: it stays a 500 and rolls everything back."""
    if isinstance(exception, Refused):
        return problem_of(exception)
    if isinstance(exception, Unreadable):
        return problem_of(invalid_of(exception))
    if isinstance(exception, Http404):
        return problem(404, "not_found", "没有找到所请求的内容，或者您无权查看。")
    if isinstance(exception, exceptions.ValidationError):
        errors = _flatten(exception.detail)
        first = errors[0]
        return problem(
            422, "invalid", f"{_place(first['field'])}：{first['message']}", field=first["field"], errors=errors
        )
    if isinstance(exception, exceptions.APIException):
        if exception.status_code >= 500:
            transaction.set_rollback(True)
        response = problem(exception.status_code, exception.default_code, str(exception.detail))
        if getattr(exception, "auth_header", None):
            response["WWW-Authenticate"] = exception.auth_header
        if getattr(exception, "wait", None):
            response["Retry-After"] = str(int(exception.wait))
        return response
    return None
