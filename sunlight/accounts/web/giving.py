"""Giving the second factor: what the form asks for, and whether what came is right."""

from sunlight import scope
from sunlight.accounts.web.own import locked_message
from sunlight.journal.refusals import Invalid
from sunlight.tenancy import certificates, passkeys
from sunlight.tenancy.services import factors as services

# The question a passkey was last asked in this session; good for one answer.
QUESTION_KEY = "passkey_question"


def host_of(request) -> str:
    return request.get_host().partition(":")[0]


def asked(request, factors) -> dict:
    """What the form needs to ask for any of a person's `factors`; keeps a passkey's question in the session."""
    kinds = {each.kind for each in factors}
    options = None
    if "passkey" in kinds:
        known = [each.data for each in factors if each.kind == "passkey"]
        options, request.session[QUESTION_KEY] = passkeys.request(host=host_of(request), known=known)
    held = {each.identifier for each in factors if each.kind == "certificate"}
    return {
        "kinds": kinds,
        "passkey_options": options,
        "has_certificate": certificates.verifier().fingerprint(request) in held,
    }


def refused(request, at) -> Invalid | None:
    """Look at the second factor in the form; what is wrong with it, or None. Counts towards the lock."""
    who = {"user": request.user, "client": request.client, "at": at}
    with scope.login_scope():
        if "passkey" in request.POST:
            state = request.session.pop(QUESTION_KEY, {})
            proof = services.passkey_try(host=host_of(request), state=state, answer=request.POST["passkey"], **who)
        elif "certificate" in request.POST:
            proof = services.certificate_try(fingerprint=certificates.verifier().fingerprint(request), **who)
        else:
            proof = services.code_try(code=request.POST.get("code", ""), **who)
    if proof.locked_until:
        return Invalid("locked", locked_message(proof.locked_until), field="code")
    if proof.user is None:
        return Invalid(
            "factor_wrong",
            "验证未通过：验证码不正确、已用过，或密钥不是您登记的。请等待新的验证码后重试；手机遗失可使用恢复码。",
            field="code",
        )
    return None
