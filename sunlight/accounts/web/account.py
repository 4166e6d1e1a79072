"""One's own account: password, where one is logged in, and who one is once more before what matters."""

from django.contrib import auth, messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sunlight import scope
from sunlight.accounts.clients import client_name
from sunlight.accounts.web import giving
from sunlight.accounts.web.own import locked_message, next_of, own_page, remember, settle
from sunlight.journal.refusals import Invalid
from sunlight.tenancy import profile
from sunlight.tenancy.confirmation import confirm
from sunlight.tenancy.queries.people import factors_of, sessions_of
from sunlight.tenancy.services import people
from sunlight.web.pages import attempt, clock, page


def _proven(request, at) -> Invalid | None:
    """Look at the password typed again; what is wrong with it, or None. Counts towards the lock like a login."""
    if request.user is None:
        return Invalid("not_a_person", "接口客户端没有密码，此操作须由人员登录后办理。", field="old")
    with scope.login_scope():
        proof = people.password_try(
            username=request.user.username, password=request.POST.get("old", ""), client=request.client, at=at
        )
    if proof.locked_until:
        return Invalid("locked", locked_message(proof.locked_until), field="old")
    return None if proof.user else Invalid("password_wrong", "密码不正确，请重新输入。", field="old")


@own_page("password", methods=("GET", "POST"))
def password(request, actor):
    """Choose a new password: at will, or because nothing else opens before."""
    refusal = None
    if request.method == "POST":
        at = scope.now()
        refusal = _mismatch(request) or _proven(request, at)
        if refusal is None:
            old, new = request.POST.get("old", ""), request.POST.get("new", "")
            user, refusal = attempt(
                request,
                lambda: people.password_change(actor=actor, at=at, old=old, new=new),
                done="密码已修改，其他登录已全部退出。",
            )
        if refusal is None:
            with scope.login_scope():
                auth.update_session_auth_hash(request, user)
                confirm(request, at)
                return remember(request, user, redirect(settle(request, user, at)))
    context = {
        "refusal": refusal,
        "pending": request.actor is not actor,
        "next": next_of(request),
        "min_length": profile.current().password_min_length,
        "history": profile.current().password_history,
    }
    return render(request, "accounts/password.html", context, status=422 if refusal else 200)


def _mismatch(request) -> Invalid | None:
    if request.POST.get("new", "") != request.POST.get("again", ""):
        return Invalid("passwords_differ", "两次输入的新密码不一致，请重新输入。", field="again")
    return None


@page(methods=("GET", "POST"))
def confirm_again(request):
    """Confirms the person again before what moves money, signs or gives rights: by the second factor if they have one,
    otherwise by the password."""
    refusal, factors = None, factors_of(request.user.pk) if request.user else []
    if request.method == "POST":
        at = clock(request)
        refusal = giving.refused(request, at) if factors else _proven(request, at)
        if refusal is None:
            confirm(request, at)
            return redirect(next_of(request))
    context = {"refusal": refusal, "next": next_of(request), **giving.asked(request, factors)}
    return render(request, "accounts/confirm.html", context, status=422 if refusal else 200)


@page()
def sessions(request):
    rows = [
        {
            "started_at": row.started_at,
            "seen_at": row.seen_at,
            "address": row.address,
            "client": client_name(row.agent),
            "here": row.session_key == request.session.session_key,
        }
        for row in sessions_of(request.actor.user_id, clock(request))
    ]
    return render(request, "accounts/sessions.html", {"rows": rows, "limits": profile.current()})


@page(methods=("POST",))
def end_sessions(request):
    ended = people.sessions_end(actor=request.actor, at=clock(request), keep=request.session.session_key)
    messages.success(request, _("已退出其他 %(count)s 处登录。") % {"count": ended} if ended else "没有其他登录。")
    return redirect("accounts:sessions")
