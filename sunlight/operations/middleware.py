"""Around and before every request: its log line and figures, and the answers that monitoring asks for."""

import hmac
import time

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotFound, JsonResponse

from sunlight.operations import checks, logs, metrics
from sunlight.web import proxy
from sunlight.web.middleware import client_of


class ObserveMiddleware:
    """Outermost: gives the request its id, and when it is answered writes one log line and counts it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begun = time.perf_counter()
        request.client = client_of(request)
        token = logs.request_id.set(request.client.request_id)
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request.client.request_id
            if request.path not in PROBES:
                match = getattr(request, "resolver_match", None)
                route = (match.view_name or match.route) if match else "unmatched"
                labels = {"method": request.method or "", "route": route, "status": response.status_code}
                seconds = time.perf_counter() - begun
                metrics.observe(**labels, seconds=seconds)
                logs.answered(actor=getattr(request, "actor", None), **labels, seconds=seconds)
            return response
        finally:
            logs.request_id.reset(token)


def healthz(request) -> HttpResponse:
    """The process answers; it asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def readyz(request) -> HttpResponse:
    """200 where every readiness check holds, else 503. Names and yes or no; `manage.py doctor` says why. `hints` name what
    stops nothing and should be looked at."""
    findings = checks.run(checks.READINESS)
    ready = all(finding.ok for finding in findings)
    body = {"ready": ready, "checks": {finding.name: finding.ok for finding in findings}}
    if proxy.seen_here():
        body["hints"] = ["proxy_count"]
    return JsonResponse(body, status=200 if ready else 503)


def figures(request) -> HttpResponse:
    """Prometheus' text. Under HTTPS only with `Authorization: Bearer $SUNLIGHT_METRICS_TOKEN`."""
    if settings.METRICS_TOKEN or settings.SECURE_COOKIES:
        given = request.headers.get("Authorization", "").encode()
        if not settings.METRICS_TOKEN or not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
            return HttpResponseNotFound("not found\n", content_type="text/plain; charset=utf-8")
    return HttpResponse(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


PROBES = {"/healthz": healthz, "/readyz": readyz, "/metrics": figures}


class ProbesMiddleware:
    """Answers the probes before sessions, hosts and tenants, so that they speak also when those cannot."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        probe = PROBES.get(request.path)
        if probe is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = probe(request)
        response.headers["Cache-Control"] = "no-store"
        return response
