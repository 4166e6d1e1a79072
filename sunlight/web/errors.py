"""Error pages that help."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def _problem(request, status: int, code: str, detail: str) -> JsonResponse:
    """Problem details for a machine, where no endpoint got to answer."""
    body = {"type": f"/problems/{code}", "title": "错误", "status": status, "code": code, "detail": detail}
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def forbidden(request, exception=None):
    return render(request, "web/no_access.html", status=403)


def stale_form(request, reason=""):
    """A form whose secret no longer fits: Django's own page would answer in English."""
    if request.path.startswith("/api/"):
        return _problem(request, 403, "csrf_failed", "会话请求缺少有效的 CSRF 令牌。请刷新页面，或改用接口令牌调用。")
    return render(request, "web/stale_form.html", status=403)


def not_found(request, exception=None):
    if request.path.startswith("/api/"):
        return _problem(request, 404, "not_found", "没有这个接口地址。接口清单见 /api/docs/。")
    return render(request, "web/not_found.html", status=404)


def broken(request):
    """Rendered without the request's frame: whatever broke may be what the frame needs."""
    request_id = getattr(getattr(request, "client", None), "request_id", "")
    if request.path.startswith("/api/"):
        return _problem(
            request, 500, "broken", f"系统出错，本次请求没有生效。请稍后重试，或凭编号 {request_id} 联系运营支持。"
        )
    return HttpResponse(render_to_string("web/broken.html", {"request_id": request_id}), status=500)
