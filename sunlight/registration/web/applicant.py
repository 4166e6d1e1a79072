"""The applicant's pages, without a login: begin, follow by number and secret, fill in, attach, submit, activate. The secret
is given once, in a form; then it stands in a signed cookie of the application's pages, and in no path that a log keeps."""

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from sunlight import scope
from sunlight.journal.refusals import Invalid, NotThere
from sunlight.registration import queries
from sunlight.registration.declarations import CONTACT, MOST_CONTACTS, STAKE, fields_of
from sunlight.registration.services import applications as services
from sunlight.registration.web.throttled import too_often
from sunlight.tenancy.queries.organisations import ownership_choices
from sunlight.tenancy.queries.platforms import open_platforms
from sunlight.tenancy.rules import CAPACITIES, DOCUMENTS
from sunlight.web.downloads import download
from sunlight.web.forms import typed_of
from sunlight.web.pages import STATUS_OF_KIND, attempt, no_store, public_page, refusal_page
from sunlight.web.uploads import sent_file

KINDS = {"SUPPLIER": "生产、代理或配送企业", "HOSPITAL": "医疗机构"}
STAKE_LINES = 5
OPENED, LOOKED, CHANGED = 5, 20, 60
COOKIE_SALT, COOKIE_SECONDS = "sunlight.registration", 12 * 3600


@public_page(methods=("GET", "POST"))
def start(request):
    """Begin an application on a platform, or continue one by number and secret."""
    refusal = None
    if request.method == "POST":
        found, refusal = attempt(request, lambda: _find_application(request))
        if refusal is None:
            return _entered(*found)
    context = {"platforms": open_platforms(), "kinds": KINDS, "refusal": refusal}
    context["typed"] = typed_of(request, "platform", "kind", "number")
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "registration/start.html", context, status=429 if _often(refusal) else status)


def _often(refusal) -> bool:
    return refusal is not None and refusal.code == "too_often"


def _find_application(request) -> tuple[str, str]:
    """(number, secret) of the application to continue."""
    move = request.POST.get("move", "")
    if move not in ("open", "follow"):
        raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="move")
    if refused := too_often(request, move, OPENED if move == "open" else LOOKED):
        raise refused
    if move == "follow":
        number, secret = (request.POST.get(name, "").strip() for name in ("number", "secret"))
        queries.application_by_link(number, secret, client=request.client)
        return number, secret
    actor = queries.newcomer_actor(request.POST.get("platform", ""), request.client)
    application, secret = services.registration_open(
        actor=actor, at=scope.now(actor.platform_code), kind=request.POST.get("kind", "")
    )
    return application.number, secret


def _cookie(number: str) -> str:
    return f"application-{number}"


def _entered(number: str, secret: str):
    """To the application's page, with the secret in a cookie of it alone."""
    there = reverse("registration:application", args=[number])
    response = no_store(redirect(there))
    response.set_signed_cookie(
        _cookie(number),
        secret,
        salt=COOKIE_SALT,
        max_age=COOKIE_SECONDS,
        path=there,
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )
    return response


def _secret_of(request, number: str) -> str:
    return request.get_signed_cookie(_cookie(number), "", salt=COOKIE_SALT, max_age=COOKIE_SECONDS)


@public_page()
def exchange(request, number: str, secret: str):
    """A link of earlier days: takes the secret out of the address, while the application is open."""
    try:
        found, _actor = queries.application_by_link(number, secret, client=request.client)
    except NotThere as unknown:
        return _unknown(request, unknown)
    return _entered(number, secret) if queries.is_open(found) else redirect("registration:start")


def _unknown(request, unknown: NotThere):
    often = too_often(request, "follow", LOOKED)
    response = refusal_page(request, often or unknown)
    response.status_code = 429 if often else 404
    return response


@public_page(methods=("GET", "POST"))
def application(request, number: str):
    """The applicant's page for whoever gave number and secret; a POST saves, attaches, removes, submits, withdraws or
    activates."""
    refusal, secret = None, _secret_of(request, number)
    if not secret:
        return redirect("registration:start")
    try:
        view, actor = queries.applicant_view(number, secret, client=request.client, on=scope.today())
        if request.method == "POST":
            _, refusal = attempt(request, lambda: _moved(request, view.application, actor))
            if refusal is None:
                return redirect("registration:application", number)
            view, actor = queries.applicant_view(number, secret, client=request.client, on=scope.today())
    except NotThere as unknown:
        return _unknown(request, unknown)
    context = _page(view) | {"secret": secret, "refusal": refusal}
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return no_store(
        render(request, "registration/application.html", context, status=429 if _often(refusal) else status)
    )


def _page(view) -> dict:
    declared, found = view.application.declared, dict(view.faults)
    choices = {"region_code": [(r.code, r.name) for r in queries.regions_offered()], **ownership_choices()}
    fields = [
        {
            "name": name,
            "label": label,
            "longest": longest,
            "required": demanded,
            "value": declared.get(name, ""),
            "choices": choices.get(name),
            "fault": found.get(name, ""),
        }
        for name, (label, longest, demanded) in fields_of(view.application.kind).items()
    ]
    contacts, stakes = declared.get("contacts", []), declared.get("stakes", [])
    return {
        "view": view,
        "application": view.application,
        "fields": fields,
        "contacts": list(
            enumerate([*contacts, *([dict.fromkeys(CONTACT, "")] * (MOST_CONTACTS - len(contacts)))], start=1)
        ),
        "stakes": list(
            enumerate(
                [*stakes, *([dict.fromkeys((*STAKE, "is_controller"), "")] * max(1, STAKE_LINES - len(stakes)))],
                start=1,
            )
        ),
        "capacities": CAPACITIES,
        "kinds_of_documents": DOCUMENTS,
        "editable": "submit" in view.moves,
        "digest": queries.secret_hash(view.commitment),
        "platform_name": view.application.platform.name,
    }


def _moved(request, application, actor):
    if refused := too_often(request, "change", CHANGED):
        raise refused
    move, typed = request.POST.get("move", ""), request.POST
    asked = {"actor": actor, "at": scope.now(actor.platform_code), "application_id": application.id}
    if move == "save":
        return services.registration_save(**asked, typed=_declared(typed))
    if move == "attach":
        sent = sent_file(request, most_bytes=services.MOST_DOCUMENT_BYTES)
        return services.registration_attach(
            **asked,
            kind=typed.get("document", ""),
            number=typed.get("number", ""),
            name=sent.name,
            valid_until=typed.get("valid_until", ""),
            content=sent.read(),
        )
    if move == "detach":
        return services.registration_detach(**asked, document_id=typed.get("document_id", ""))
    if move == "submit":
        digest = typed.get("commitment_sha256", "") if typed.get("agreed") == "1" else ""
        return services.registration_submit(**asked, commitment_sha256=digest)
    if move == "withdraw":
        return services.registration_withdraw(**asked)
    if move == "activate":
        return services.registration_activate(**asked, password=typed.get("password", ""), again=typed.get("again", ""))
    raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="move")


def _declared(typed) -> dict:
    numbers = range(1, 11)
    contact = ("name", "duty", "phone", "email", "address")
    return {
        **typed.dict(),
        "capacities": typed.getlist("capacities"),
        "producer_names": typed.get("producer_names", "").splitlines(),
        "contacts": [{name: typed.get(f"contact_{name}_{n}", "") for name in contact} for n in numbers],
        "stakes": [
            {name: typed.get(f"{name}_{n}", "") for name in ("holder_name", "holder_code", "share")}
            | {"is_controller": typed.get(f"is_controller_{n}") == "1"}
            for n in numbers
        ],
    }


@public_page()
def document(request, number: str, document_id: int):
    """An attached file, for whoever gave number and secret."""
    try:
        file = queries.applicant_document(number, _secret_of(request, number), document_id, client=request.client)
    except NotThere as unknown:
        return refusal_page(request, too_often(request, "follow", LOOKED) or unknown)
    return download(bytes(file.content), file.content_type, file.name)
