"""Error pages that help."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def forbidden(request, exception=None):
    return render(request, "web/no_access.html", status=403)


def not_found(request, exception=None):
    return render(request, "web/not_found.html", status=404)


def broken(request):
    """Rendered without the request's frame: whatever broke may be what the frame needs."""
    request_id = getattr(getattr(request, "client", None), "request_id", "")
    return HttpResponse(render_to_string("web/broken.html", {"request_id": request_id}), status=500)
