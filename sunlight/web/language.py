"""Chinese unless somebody chose English; what stays Chinese on an English page says so.

The choice is a cookie; what a browser prefers is not asked, so that everybody of an office sees the same words. Law,
reasons, and what people and companies typed have no English; on an English page they are marked `lang="zh"`, so that
screen readers and browsers read them right. What is marked cannot hide a text we forgot: those are found in the sources
(tests/web/test_language.py).
"""

import re

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from sunlight.web.pages import public_page

KNOWN = tuple(code for code, _name in settings.LANGUAGES)
_YEAR = 365 * 24 * 3600
_TOKEN = re.compile(r"(<!--.*?-->|<script\b.*?</script>|<style\b.*?</style>|<[^>]*>)", re.S | re.I)
_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_STOPS = {
    ord("："): ": ",
    ord("，"): ", ",
    ord("、"): ", ",
    ord("；"): "; ",
    ord("。"): ".",
    ord("（"): " (",
    ord("）"): ")",
}
# Elements whose text cannot hold another element: they are marked themselves.
_PLAIN = {"title", "option", "textarea"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}


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
            if chosen != settings.LANGUAGE_CODE and not response.streaming:
                response.content = marked(response.content.decode(response.charset)).encode(response.charset)
                if response.has_header("Content-Length"):
                    response.headers["Content-Length"] = str(len(response.content))
        return response


def marked(html: str) -> str:
    """The page with each Chinese text in an element that says `lang="zh"`, but where one around it says so already."""
    parts = _TOKEN.split(html)
    open_chinese: list[bool] = []
    last_tag = 0
    for place, part in enumerate(parts):
        if place % 2 == 0:
            if not (open_chinese and open_chinese[-1]):
                _mark(parts, place, last_tag) if _CHINESE.search(part) else _western(parts, place)
            continue
        found = _NAME.match(part)
        if not found:
            continue
        closing, name = found.group(1), found.group(2).lower()
        last_tag = place
        if name in _VOID or part.endswith("/>"):
            continue
        if closing:
            if open_chinese:
                open_chinese.pop()
        else:
            around = bool(open_chinese and open_chinese[-1])
            open_chinese.append(around or 'lang="zh' in part)
    return "".join(parts)


def _western(parts: list[str], place: int) -> None:
    """Chinese stops between English words, which templates share, as English ones."""
    if not parts[place].isascii():
        parts[place] = parts[place].translate(_STOPS)


def _mark(parts: list[str], place: int, last_tag: int) -> None:
    tag = _NAME.match(parts[last_tag]) if last_tag else None
    if tag and not tag.group(1) and tag.group(2).lower() in _PLAIN:
        parts[last_tag] = parts[last_tag][:-1] + ' lang="zh">'
        return
    text = parts[place]
    kept = text.strip()
    before, after = text[: text.index(kept)], text[text.index(kept) + len(kept) :]
    parts[place] = f'{before}<span lang="zh">{kept}</span>{after}'


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
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=_YEAR, samesite="Lax", httponly=True,
            secure=settings.SECURE_COOKIES,
        )  # fmt: skip
    return response
