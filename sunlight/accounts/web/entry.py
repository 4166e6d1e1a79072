"""Logging in and out, choosing which hat to wear, and the workbench."""

from django.conf import settings
from django.contrib import auth
from django.shortcuts import redirect, render

from sunlight import scope
from sunlight.accounts.web.own import FACTOR_KEY, STAGES, locked_message, next_of, remember, settle
from sunlight.kernel.reading import whole_or
from sunlight.messages.faces import shown
from sunlight.messages.queries import to_acknowledge
from sunlight.tenancy.confirmation import confirm
from sunlight.tenancy.queries.actors import memberships_of
from sunlight.tenancy.queries.demo import demo_accounts
from sunlight.tenancy.services import people
from sunlight.web.figures import figures_of
from sunlight.web.middleware import MEMBERSHIP_KEY, PENDING_KEY
from sunlight.web.navigation import todos_of
from sunlight.web.pages import page, public_page

# Messages to take note of that stand on top of the workbench at once; the rest follow as these go.
MOST_ON_TOP = 5


@public_page(methods=("GET", "POST"))
def login(request):
    """Name and password; every attempt is recorded with time, address and client, and too many failures lock for a
    while."""
    wrong, status = "", 200
    username = request.POST.get("username", "").strip()
    if request.method == "POST":
        at = scope.now()
        with scope.login_scope():
            proof = people.password_try(
                username=username, password=request.POST.get("password", ""), client=request.client, at=at, enters=True
            )
            if proof.user and memberships_of(proof.user.pk):
                return _begin(request, proof.user, at)
        if proof.locked_until:
            wrong, status = locked_message(proof.locked_until), 429
        elif proof.user is None:
            wrong, status = "登录名或密码不正确。", 422
        else:
            wrong, status = "您的账号还没有任何岗位，请联系本单位管理员。", 422
    elif getattr(request, "pending_actor", None):
        return redirect(STAGES[request.session[PENDING_KEY]])
    return render(
        request,
        "accounts/login.html",
        {
            "wrong": wrong,
            "username": username,
            "next": next_of(request),
            "demo_accounts": demo_accounts() if settings.DEMO else [],
            "demo_password": settings.DEMO_PASSWORD,
        },
        status=status,
    )


def _begin(request, user, at):
    """A session of this person, with the duty that comes first where there is one."""
    if auth.SESSION_KEY in request.session:
        # Django keeps the key where the same person logs in again.
        request.session.cycle_key()
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.begin(request.client)
    request.session.pop(FACTOR_KEY, None)
    confirm(request, at)
    return remember(request, user, redirect(settle(request, user, at)))


@public_page(methods=("POST",))
def logout(request):
    with scope.login_scope():
        auth.logout(request)
    return redirect("accounts:login")


@page(methods=("POST",))
def switch(request):
    """Continue as another of your own memberships."""
    chosen = whole_or(request.POST.get("membership", ""), None)
    if chosen in {m.id for m in request.memberships}:
        request.session[MEMBERSHIP_KEY] = chosen
    return redirect("accounts:workbench")


@page()
def workbench(request):
    today = scope.today(request.actor.platform_code)
    waiting = list(to_acknowledge(request.actor)[: MOST_ON_TOP * 20])
    return render(
        request,
        "accounts/workbench.html",
        {
            "figures": figures_of(request, today),
            "todos": todos_of(request.actor, today),
            "to_acknowledge": [shown(each) for each in waiting[:MOST_ON_TOP]],
            "more_to_acknowledge": len(waiting[MOST_ON_TOP:]),
        },
    )
