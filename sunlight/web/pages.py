"""The kit pages are made of: who may open them, how a refusal is shown."""

import functools
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from sunlight import scope
from sunlight.journal.refusals import Refused, invalid_of
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Role
from sunlight.scope.readers import EVERY_ROLE, Readers, admits, those
from sunlight.tenancy.confirmation import confirmed
from sunlight.tenancy.queries.people import people_with

STATUS_OF_KIND = {"refused": 422, "not_there": 404, "forbidden": 403, "conflict": 409, "invalid": 422}


def ask_to_confirm(request):
    """To the page that asks for the password again, and from there back: to this page, or for a form to where it was."""
    back = request.get_full_path()
    if request.method not in ("GET", "HEAD"):
        referer = urlsplit(request.headers.get("Referer", ""))
        back = referer.path if referer.netloc == request.get_host() else "/"
    there = f"{reverse('accounts:confirm')}?{urlencode({'next': back})}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": there})
    return redirect(there)


def turned_away(request, allowed: frozenset[Role]):
    """The page for somebody without one of the roles `allowed`: which roles may, and whom to ask. Colleagues are looked up
    only where the page is drawn."""
    actor = request.actor
    own = sorted(role for role in allowed if role.kind == actor.kind)
    admins = {role for role in Role if role.kind == actor.kind and role.name.endswith("_ADMIN")}
    context = {
        "needed": own or sorted(allowed),
        "is_for_others": not own,
        # The role would do, but what the page shows is another authority's (SZ20-4.1).
        "is_not_our_part": not actor.roles.isdisjoint(allowed),
        "hats": [
            each
            for each in getattr(request, "memberships", [])
            if not allowed.isdisjoint(each.roles) and each != getattr(request, "membership", None)
        ],
        "holders": lambda: people_with(actor, own),
        "admins": lambda: people_with(actor, admins),
    }
    return render(request, "web/no_access.html", context, status=403)


def page(*roles: Role | Readers, methods: tuple[str, ...] = ("GET",), step_up: bool | str = False):
    """Declare who may open a page (the readers of a noun, or some roles) and by which methods. Anonymous visitors are sent to the login page, others without
    one of `roles` get a page that says so. With `step_up` (of one method, where it names one) a person must have given the
    password lately, a machine's token is enough. The permission matrix reads `view.roles` and `view.methods`."""
    allowed = those(*roles) or EVERY_ROLE

    def wrap(view):
        @functools.wraps(view)
        def opened(request, *args, **kwargs):
            if not request.actor.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not admits(allowed, request.actor):
                return turned_away(request, allowed)
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                return render(request, "web/wrong_method.html", status=405)
            request.actor = request.actor.acting_as(allowed, reads=request.method in ("GET", "HEAD"))
            scope.acts_as(request.actor)
            if step_up in (True, request.method) and not confirmed(request, scope.now()):
                return ask_to_confirm(request)
            try:
                return view(request, *args, **kwargs)
            except Refused as refusal:
                return refusal_page(request, refusal)
            except Unreadable as fault:
                return refusal_page(request, invalid_of(fault))

        opened.roles, opened.methods, opened.step_up = allowed, methods, step_up
        return opened

    return wrap


def public_page(*, methods: tuple[str, ...] = ("GET",)):
    """Declare a page that anybody may open."""

    def wrap(view):
        @functools.wraps(view)
        def opened(request, *args, **kwargs):
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                return render(request, "web/wrong_method.html", status=405)
            request.actor = request.actor.acting_as(request.actor.roles, reads=request.method in ("GET", "HEAD"))
            scope.acts_as(request.actor)
            return view(request, *args, **kwargs)

        opened.roles, opened.methods = None, methods
        return opened

    return wrap


def refusal_page(request, refusal: Refused):
    """A refusal as its own page, or as a fragment where htmx asked."""
    template = "web/_refusal.html" if getattr(request, "htmx", False) else "web/refusal.html"
    return render(request, template, {"refusal": refusal}, status=STATUS_OF_KIND[refusal.kind])


def attempt(request, call, *, done: str = ""):
    """Make one service call for a form: (result, None) with a success message, or (None, refusal) to show in the form."""
    try:
        result = call()
    except Refused as refusal:
        return None, refusal
    except Unreadable as fault:
        return None, invalid_of(fault)
    if done:
        messages.success(request, done)
    return result, None


def no_store(response):
    """The answer marked so that neither browser nor proxy keeps it: a secret stands in it."""
    response.headers["Cache-Control"] = "no-store"
    return response


def clock(request):
    """The moment of this request on the actor's platform; faces read it once and pass it on as `at`."""
    return scope.now(request.actor.platform_code)
