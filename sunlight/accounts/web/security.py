"""账户安全: one's second factors, recovery codes, and giving the second factor after the password."""

import segno
from django.contrib import messages
from django.shortcuts import redirect, render

from sunlight import scope
from sunlight.accounts.web import giving
from sunlight.accounts.web.own import FACTOR_KEY, next_of, own_page, remember, settle
from sunlight.journal.refusals import Invalid
from sunlight.tenancy import certificates, passkeys, profile
from sunlight.tenancy.confirmation import confirm
from sunlight.tenancy.queries.people import factors_of, recovery_codes_left, sessions_of
from sunlight.tenancy.services import factors as services
from sunlight.web.pages import attempt, no_store

CREATION_KEY = "passkey_creation"


@own_page("factor", methods=("GET", "POST"), open_else=False)
def factor(request, actor):
    """The second factor after the password; nothing else opens before."""
    refusal = None
    if request.method == "POST":
        at = scope.now()
        refusal = giving.refused(request, at)
        if refusal is None:
            request.session[FACTOR_KEY] = at.isoformat()
            confirm(request, at)
            there = settle(request, request.user, at)
            request.session.cycle_key()
            return remember(request, request.user, redirect(there))
    asked = giving.asked(request, factors_of(request.user.pk))
    context = {"refusal": refusal, "next": next_of(request), **asked}
    return render(request, "accounts/factor.html", context, status=422 if refusal else 200)


@own_page("enrol")
def security(request, actor):
    """What protects the account, and what to add."""
    factors = factors_of(request.user.pk)
    fingerprint = certificates.verifier().fingerprint(request)
    context = {
        "pending": request.actor is not actor,
        "next": next_of(request),
        "factors": factors,
        "has_totp": any(each.kind == "totp" for each in factors),
        "codes_left": recovery_codes_left(request.user.pk),
        "certificate": fingerprint if fingerprint not in {each.identifier for each in factors} else "",
        "shared": request.user.is_demo,
        "logins": len(sessions_of(request.user.pk, scope.now())),
        "password_set_at": request.user.password_set_at,
        "required": profile.current().second_factor_for & actor.roles,
    }
    return render(request, "accounts/security.html", context)


def _added(request, at, codes: list[str]):
    """Who has just proved to hold a new factor has given it; new recovery codes are shown this once."""
    request.session[FACTOR_KEY] = at.isoformat()
    confirm(request, at)
    there = settle(request, request.user, at)
    if not codes:
        messages.success(request, "已添加验证方式。")
        return remember(request, request.user, redirect("accounts:security"))
    shown = no_store(render(request, "accounts/codes.html", {"codes": codes, "next": there}))
    return remember(request, request.user, shown)


@own_page("enrol", methods=("POST",), step_up=True)
def totp_begin(request, actor):
    services.totp_begin(actor=actor, at=scope.now())
    return redirect("accounts:totp")


@own_page("enrol", methods=("GET", "POST"), step_up=True)
def totp(request, actor):
    """The secret as QR code and text, and the first code."""
    refusal = None
    if request.method == "POST":
        at, code = scope.now(), request.POST.get("code", "")
        codes, refusal = attempt(request, lambda: services.totp_confirm(actor=actor, at=at, code=code))
        if refusal is None:
            return _added(request, at, codes)
    secret, uri = services.totp_uri(request.user)
    picture = segno.make(uri, micro=False).svg_inline(scale=5, border=4, light="#fff", title="动态口令二维码")
    context = {"refusal": refusal, "secret": secret, "picture": picture}
    return no_store(render(request, "accounts/totp.html", context, status=422 if refusal else 200))


@own_page("enrol", methods=("GET", "POST"), step_up=True)
def passkey(request, actor):
    """A new passkey: the browser is asked for one, and its answer kept."""
    refusal, user = None, request.user
    if request.method == "POST":
        at = scope.now()
        codes, refusal = attempt(request, lambda: _passkey_add(request, actor, at))
        if refusal is None:
            return _added(request, at, codes)
    known = [each.data for each in factors_of(user.pk) if each.kind == "passkey"]
    options, request.session[CREATION_KEY] = passkeys.creation(
        host=giving.host_of(request), user_id=user.pk, username=user.username, name=user.name, known=known
    )
    context = {"refusal": refusal, "options": options, "typed": request.POST.get("name", "")}
    return render(request, "accounts/passkey.html", context, status=422 if refusal else 200)


def _passkey_add(request, actor, at) -> list[str]:
    state = request.session.pop(CREATION_KEY, {})
    try:
        identifier, data, counter = passkeys.created(
            host=giving.host_of(request), state=state, answer=request.POST.get("passkey", "")
        )
    except passkeys.PasskeyRefused as wrong:
        raise Invalid("passkey_wrong", "浏览器没有给出有效的通行密钥，请重试或改用动态口令。", field="name") from wrong
    return services.key_add(
        actor=actor,
        at=at,
        kind="passkey",
        identifier=identifier,
        data=data,
        counter=counter,
        name=request.POST.get("name", ""),
    )


@own_page("enrol", methods=("POST",), step_up=True)
def certificate(request, actor):
    """Register the certificate that our proxy verified for this connection."""
    at, fingerprint = scope.now(), certificates.verifier().fingerprint(request)
    if not fingerprint:
        raise Invalid("no_certificate", "本次连接没有经过验证的数字证书。请插入证书介质，重新打开浏览器后再试。")
    codes = services.key_add(
        actor=actor, at=at, kind="certificate", identifier=fingerprint, name=f"数字证书 {fingerprint[:8]}"
    )
    return _added(request, at, codes)


@own_page(methods=("POST",), step_up=True)
def factor_remove(request, actor, factor_id):
    services.factor_remove(actor=actor, at=scope.now(), factor_id=factor_id)
    messages.success(request, "已移除。")
    return redirect("accounts:security")


@own_page(methods=("POST",), step_up=True)
def recovery_codes(request, actor):
    codes = services.recovery_codes_make(actor=actor, at=scope.now())
    return no_store(render(request, "accounts/codes.html", {"codes": codes, "next": "/account/security/"}))
