"""本单位人员: an organisation's ADMIN adds people, gives and takes roles, and helps those who cannot get in; 人员管理: the
platform's security administrator does so for operators and authorities."""

from django.contrib import messages
from django.shortcuts import redirect, render

from sunlight.accounts import readers
from sunlight.journal.refusals import NotThere
from sunlight.tenancy.queries.changes import changes_waiting
from sunlight.tenancy.queries.identities import other_accounts, person_of_user, unidentified
from sunlight.tenancy.queries.people import (
    access_member,
    cared_for,
    members_of,
    members_to_look_after,
    people_with_factors,
)
from sunlight.tenancy.services import members as services
from sunlight.web.pages import attempt, clock, page

FIELDS = ("username", "name", "phone", "document", "email")
SHOWN = ("initial", "unarmed")
UNIDENTIFIED = "unidentified"
WAITS = "已提出，等待另一位管理员确认后生效。"


def _roles(kind, chosen) -> list[dict]:
    return [{"value": str(role), "chosen": str(role) in chosen} for role in services.roles_of_kind(kind)]


def _chosen(actor, asked: str):
    """The organisations in the actor's care, and the one that is looked at: the first, where none is asked for."""
    mine = cared_for(actor)
    found = next((each for each in mine if str(each.pk) == asked), None)
    if asked and found is None:
        raise NotThere("这个单位")
    return mine, found or mine[0]


@page(readers.MEMBERS)
def members(request):
    return _members_page(request, None, dict.fromkeys(FIELDS, ""))


def _members_page(request, refusal, typed):
    asked = request.POST.get("organisation") or request.GET.get("organisation", "")
    mine, chosen = _chosen(request.actor, asked)
    shown = request.GET.get("show", "")
    if shown in SHOWN:
        rows = members_to_look_after(request.actor)[SHOWN.index(shown)]
    elif shown == UNIDENTIFIED and request.actor.has(services.KEEPER):
        rows = unidentified(request.actor)
    else:
        shown, rows = "", members_of(request.actor, chosen.pk)
    armed = people_with_factors(each.user_id for each in rows)
    accounts = other_accounts(rows) if not shown else {}
    in_care = {each.pk for each in mine}
    context = {
        "rows": [
            {
                "member": each,
                "armed": each.user_id in armed,
                "accounts": accounts.get(each.pk, 0),
                "in_care": each.organisation_id in in_care,
            }
            for each in rows
        ],
        "waiting": changes_waiting(request.actor, [each.pk for each in mine]),
        "roles": _roles(chosen.kind, typed.get("roles", [])),
        "organisations": mine,
        "chosen": chosen,
        "shown": shown,
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "accounts/members.html", context, status=422 if refusal else 200)


@page(*services.CARING, methods=("POST",), step_up=True)
def member_add(request):
    """A new person, once a second one has confirmed it; the link to choose a password goes to them alone."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    roles = request.POST.getlist("roles")
    asked = request.POST.get("organisation", "")
    made, refusal = attempt(
        request,
        lambda: services.member_add(
            actor=request.actor,
            at=clock(request),
            roles=roles,
            organisation_id=_chosen(request.actor, asked)[1].pk,
            **typed,
        ),
        done=WAITS,
    )
    if refusal:
        return _members_page(request, refusal, typed | {"roles": roles})
    return redirect("accounts:change", made.pk)


@page(readers.MEMBERS)
def member(request, membership_id):
    return _member_page(request, membership_id, None)


def _member_page(request, membership_id, refusal):
    found = access_member(request.actor, membership_id)
    context = {
        "member": found,
        "roles": _roles(found.organisation.kind, found.roles),
        "armed": bool(people_with_factors([found.user_id])),
        "oneself": person_of_user(found.user_id) == request.actor.for_person_id,
        "waiting": [each for each in changes_waiting(request.actor) if each.facts.get("membership") == found.pk],
        "typed": {name: request.POST.get(name, getattr(found.user, name)) for name in ("phone", "email")},
        "refusal": refusal,
    }
    return render(request, "accounts/member.html", context, status=422 if refusal else 200)


def _done(request, membership_id, call, done):
    made, refusal = attempt(request, call)
    if refusal:
        return _member_page(request, membership_id, refusal)
    messages.success(request, WAITS if made is not None else done)
    return redirect("accounts:member", membership_id)


def _act(service, done: str = "", **read):
    """A page that does one thing with a member, which may have to wait for a second person; `read` are the facts of the
    form."""

    @page(*services.CARING, methods=("POST",), step_up=True)
    def view(request, membership_id):
        facts = {name: reading(request) for name, reading in read.items()}
        call = lambda: service(  # noqa: E731
            actor=request.actor, at=clock(request), membership_id=membership_id, **facts
        )
        return _done(request, membership_id, call, done)

    return view


def _typed(name: str):
    return lambda request: request.POST.get(name, "")


def _sessions_end(**facts) -> None:
    services.member_sessions_end(**facts)


member_roles = _act(
    services.member_roles_set, "岗位已更新，立即生效。", roles=lambda request: request.POST.getlist("roles")
)
member_switch = _act(
    services.member_switch,
    "账号状态已更新，立即生效；停用的，其登录已全部退出。",
    is_active=lambda request: request.POST.get("is_active") == "1",
)
member_sessions_end = _act(_sessions_end, "其登录已全部退出。")
member_factors_reset = _act(services.member_factors_reset)
member_password_reset = _act(services.member_password_reset)
member_contact = _act(services.member_contact_change, phone=_typed("phone"), email=_typed("email"))
member_link = _act(services.member_link_send, "链接已重新发到本人的手机或邮箱。")
