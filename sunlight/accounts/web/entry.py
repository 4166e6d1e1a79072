"""Logging in and out, choosing which hat to wear, and the workbench."""

from django.conf import settings
from django.contrib import auth
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from sunlight import scope
from sunlight.accounts.messages import shown
from sunlight.blocks.queries.messages import to_acknowledge
from sunlight.tenancy import queries, services
from sunlight.web.middleware import MEMBERSHIP_KEY
from sunlight.web.navigation import todos_of
from sunlight.web.pages import page, public_page

# Messages to take note of that stand on top of the workbench at once; the rest follow as these go.
MOST_ON_TOP = 5


def _next(request) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else settings.LOGIN_REDIRECT_URL


@public_page(methods=("GET", "POST"))
def login(request):
    """Name and password; every try is kept with time, address and client."""
    wrong = ""
    username = request.POST.get("username", "").strip()
    if request.method == "POST":
        with scope.login_scope():
            user = auth.authenticate(request, username=username, password=request.POST.get("password", ""))
            memberships = queries.memberships_of(user.pk) if user else []
            services.login_record(
                username=username,
                user_id=user.pk if user else None,
                organisation_id=memberships[0].organisation_id if memberships else None,
                succeeded=bool(memberships),
                client=request.client,
                at=scope.now(),
            )
            if memberships:
                auth.login(request, user)
                return redirect(_next(request))
        wrong = "登录名或密码不正确。" if user is None else "您的账号还没有任何岗位，请联系本单位管理员。"
    return render(
        request,
        "accounts/login.html",
        {
            "wrong": wrong,
            "username": username,
            "next": _next(request),
            "demo_accounts": queries.demo_accounts() if settings.DEMO else [],
            "demo_password": settings.DEMO_PASSWORD,
        },
        status=422 if wrong else 200,
    )


@page(methods=("POST",))
def logout(request):
    with scope.login_scope():
        auth.logout(request)
    return redirect("accounts:login")


@page(methods=("POST",))
def switch(request):
    """Go on as another of one's own memberships."""
    chosen = request.POST.get("membership", "")
    if chosen.isdigit() and int(chosen) in {m.id for m in request.memberships}:
        request.session[MEMBERSHIP_KEY] = int(chosen)
    return redirect("accounts:workbench")


@page()
def workbench(request):
    today = scope.today(request.actor.platform_code)
    waiting = list(to_acknowledge(request.actor)[: MOST_ON_TOP * 20])
    return render(
        request,
        "accounts/workbench.html",
        {
            "todos": todos_of(request.actor, today),
            "to_acknowledge": [shown(each) for each in waiting[:MOST_ON_TOP]],
            "more_to_acknowledge": len(waiting[MOST_ON_TOP:]),
        },
    )
