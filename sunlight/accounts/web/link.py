"""The link that the owner of an account got on their own phone or mail: a new password, or the second factor set up anew. Its
secret stands behind `#` and is posted, so that no log keeps it."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from sunlight import scope
from sunlight.accounts.web.own import locked_message, own_page
from sunlight.journal.refusals import Invalid
from sunlight.tenancy import profile
from sunlight.tenancy.delivery import letters_written
from sunlight.tenancy.queries.changes import changes_of
from sunlight.tenancy.queries.letters import link_behind
from sunlight.tenancy.services import letters, members, people
from sunlight.web.pages import attempt, clock, public_page

DONE = {
    "password": gettext_lazy("密码已设置，请登录。"),
    "factors": gettext_lazy("第二重验证已清除。请登录，并立即设置新的验证方式。"),
}


@never_cache
@public_page(methods=("GET", "POST"))
def link(request):
    """First the secret, which the page takes from its address by itself; then what the link is for."""
    code, at = request.POST.get("code", "").strip(), scope.now()
    if not code:
        return _shown(request)
    found, refusal = attempt(request, lambda: link_behind(code, request.client, at))
    if refusal:
        return _shown(request, refusal=refusal)
    letter, system = found
    step = request.POST.get("step", "")
    if step == letter.purpose:
        done = _password if step == letter.PASSWORD else _factors
        with scope.opened(system):
            refusal = attempt(request, lambda: done(request, letter, system, code, at))[1]
        if refusal is None:
            return _shown(request, done=DONE[step])
    return _shown(request, refusal=refusal, code=code, purpose=letter.purpose, user=letter.user)


def _shown(request, *, refusal=None, done="", code="", purpose="", user=None):
    context = {"refusal": refusal, "done": done, "code": code, "purpose": purpose, "user": user}
    limits = profile.current()
    context |= {"min_length": limits.password_min_length, "history": limits.password_history}
    return render(request, "accounts/link.html", context, status=422 if refusal else 200)


def _password(request, letter, system, code, at) -> None:
    typed = {name: request.POST.get(name, "") for name in ("new", "again")}
    letters.link_password_set(actor=system, at=at, secret=code, **typed)


def _factors(request, letter, system, code, at) -> None:
    password = request.POST.get("old", "")
    with scope.login_scope():
        proof = people.password_try(username=letter.user.username, password=password, client=request.client, at=at)
    if proof.locked_until:
        raise Invalid("locked", locked_message(proof.locked_until), field="old")
    if proof.user is None:
        raise Invalid("password_wrong", _("密码不正确，请重新输入。"), field="old")
    letters.link_factors_reset(actor=system, at=at, secret=code, password=password)


@own_page(methods=("GET", "POST"), step_up=True)
def contact(request, actor):
    """One's own phone and mail; another one counts once an administrator has confirmed it."""
    refusal, typed = None, {name: request.POST.get(name, "") for name in ("phone", "email")}
    if request.method == "POST":
        facts = {"actor": actor, "at": clock(request), **typed}
        refusal = attempt(request, lambda: members.own_contact_change(**facts), done=_("已提出，等待管理员确认。"))[1]
        if refusal is None:
            return redirect("accounts:contact")
    context = {
        "refusal": refusal,
        "typed": typed if refusal else {"phone": request.user.phone, "email": request.user.email},
        "waiting": changes_of(actor),
        "shared": request.user.is_demo,
    }
    return render(request, "accounts/contact.html", context, status=422 if refusal else 200)


@public_page()
def outbox(request):
    """The demonstration's letters, which owners would get on their own phone or mail."""
    if not settings.DEMO:
        raise Http404
    return render(request, "accounts/outbox.html", {"letters": letters_written()})
