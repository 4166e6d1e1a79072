"""Chinese unless somebody chose English.

The choice is a cookie; what a browser prefers is not asked, so that everybody of an office sees the same words. Law,
refusals and sentences that people typed have no English: templates say `lang="zh"` where they stand, so that screen readers
and browsers read them right. Names of people, organisations, products and places need none (docs/adr/0007-english.md).
"""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from sunlight.web.pages import public_page

KNOWN = tuple(code for code, _name in settings.LANGUAGES)
_YEAR = 365 * 24 * 3600


class LanguageMiddleware:
    """Speaks the language of the cookie on pages; the API and everything else stay Chinese."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen not in KNOWN or request.path.startswith("/api/"):
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("Cookie",))
            response.headers.setdefault("Content-Language", chosen)
        return response


@public_page(methods=("POST",))
def choose(request) -> HttpResponse:
    """Keep the language chosen in a cookie and go back to the page."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(wanted if safe else "/")
    chosen = request.POST.get("language", "")
    if chosen in KNOWN:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.SECURE_COOKIES,
        )
    return response
