"""The kit of the pages about one's own account: they open to any person, and some of them to one who has given the
password and must do something more before anything else opens."""

import functools
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sunlight import scope
from sunlight.journal.refusals import Refused, invalid_of
from sunlight.kernel.reading import Unreadable
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy import devices, profile
from sunlight.tenancy.confirmation import confirmed
from sunlight.tenancy.queries.actors import memberships_of
from sunlight.tenancy.queries.people import factors_of, password_is_due, second_factor_required
from sunlight.web.middleware import PENDING_KEY
from sunlight.web.pages import ask_to_confirm, refusal_page

# The moment of the second factor in this session.
FACTOR_KEY = "factor_at"
# What a person must still do after the password, in this order, and where.
STAGES = {"factor": "accounts:factor", "enrol": "accounts:security", "password": "accounts:password"}


def next_of(request) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else settings.LOGIN_REDIRECT_URL


def locked_message(until) -> str:
    return (
        f"失败次数过多，{until.astimezone(SHANGHAI):%H:%M} 之前不再受理登录。请稍后再试；忘记密码请联系本单位管理员。"
    )


def stage_of(request, user, at) -> str:
    """What the person must still do: give the second factor, set one up, choose a password; '' for nothing."""
    factors = factors_of(user.pk)
    if factors and FACTOR_KEY not in request.session:
        return "factor"
    with scope.login_scope():
        required = second_factor_required(memberships_of(user.pk))
    if required and not factors:
        return "enrol"
    return "password" if password_is_due(user, at) else ""


def settle(request, user, at) -> str:
    """Keep in the session what the person must still do, and return the address to go to."""
    stage = stage_of(request, user, at)
    if not stage:
        request.session.pop(PENDING_KEY, None)
        return next_of(request)
    request.session[PENDING_KEY] = stage
    return f"{reverse(STAGES[stage])}?{urlencode({'next': next_of(request)})}"


def remember(request, user, response):
    """Mark the browser as one of this person's, once they have logged in entirely."""
    if PENDING_KEY not in request.session and not user.is_demo:
        response.set_cookie(
            devices.COOKIE,
            devices.remembered(user, request.client.device),
            max_age=profile.current().device_for,
            secure=settings.SECURE_COOKIES,
            httponly=True,
            samesite="Lax",
        )
    return response


def own_page(*stages: str, methods: tuple[str, ...] = ("GET",), step_up: bool = False, open_else: bool = True):
    """Declare a page `view(request, actor, …)` for any person about their own account. `stages` are those of `STAGES` at
    which it opens to a pending session too, `open_else` whether to others. Runs in the scope of `actor`."""

    def wrap(view):
        @functools.wraps(view)
        def opened(request, *args, **kwargs):
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                return render(request, "web/wrong_method.html", status=405)
            stage = request.session.get(PENDING_KEY, "")
            pending = getattr(request, "pending_actor", None) if stage in stages else None
            actor = pending or (request.actor if open_else else None)
            if actor is None or not actor.is_authenticated or request.user is None:
                there = STAGES.get(stage) if getattr(request, "pending_actor", None) else None
                return redirect(there) if there else redirect_to_login(request.get_full_path())
            if step_up and not pending and not confirmed(request, scope.now()):
                return ask_to_confirm(request)
            try:
                with scope.opened(actor):
                    return view(request, actor, *args, **kwargs)
            except Refused as refusal:
                return refusal_page(request, refusal)
            except Unreadable as fault:
                return refusal_page(request, invalid_of(fault))

        opened.roles, opened.methods, opened.step_up = None, methods, step_up
        return opened

    return wrap
