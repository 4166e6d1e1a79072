"""本单位人员: an organisation's ADMIN adds people, gives and takes roles, and helps those who cannot get in; 人员管理: the
platform's security administrator does so for operators and authorities."""

import secrets

from django.contrib import messages
from django.shortcuts import redirect, render

from sunlight.accounts import readers
from sunlight.journal.refusals import NotThere
from sunlight.tenancy.queries.people import (
    access_member,
    cared_for,
    members_of,
    members_to_look_after,
    people_with_factors,
)
from sunlight.tenancy.services import members as services
from sunlight.web.pages import attempt, clock, page

FIELDS = ("username", "name", "phone", "email")
SHOWN = ("initial", "unarmed")
# No letters that look like digits.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
PASSWORD_LETTERS = 16


def _initial_password() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LETTERS))


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
    else:
        shown, rows = "", members_of(request.actor, chosen.pk)
    armed = people_with_factors(each.user_id for each in rows)
    context = {
        "rows": [{"member": each, "armed": each.user_id in armed} for each in rows],
        "roles": _roles(chosen.kind, typed.get("roles", [])),
        "organisations": mine,
        "chosen": chosen,
        "shown": shown,
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "accounts/members.html", context, status=422 if refusal else 200)


@page(*services.ADMINS, services.KEEPER, methods=("POST",), step_up=True)
def member_add(request):
    """A new person, with an initial password that is shown this once."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    roles, password = request.POST.getlist("roles"), _initial_password()
    asked = request.POST.get("organisation", "")
    made, refusal = attempt(
        request,
        lambda: services.member_add(
            actor=request.actor,
            at=clock(request),
            roles=roles,
            password=password,
            organisation_id=_chosen(request.actor, asked)[1].pk,
            **typed,
        ),
    )
    if refusal:
        return _members_page(request, refusal, typed | {"roles": roles})
    return _password_page(request, made.pk, password)


def _password_page(request, membership_id, password):
    member = access_member(request.actor, membership_id)
    return render(request, "accounts/initial_password.html", {"member": member, "password": password})


@page(readers.MEMBERS)
def member(request, membership_id):
    return _member_page(request, membership_id, None)


def _member_page(request, membership_id, refusal):
    found = access_member(request.actor, membership_id)
    context = {
        "member": found,
        "roles": _roles(found.organisation.kind, found.roles),
        "armed": bool(people_with_factors([found.user_id])),
        "oneself": found.user_id == request.actor.user_id,
        "refusal": refusal,
    }
    return render(request, "accounts/member.html", context, status=422 if refusal else 200)


def _done(request, membership_id, call, done):
    made, refusal = attempt(request, call)
    if refusal:
        return _member_page(request, membership_id, refusal)
    messages.success(request, done)
    return redirect("accounts:member", membership_id)


@page(*services.ADMINS, services.KEEPER, methods=("POST",), step_up=True)
def member_roles(request, membership_id):
    facts = {"membership_id": membership_id, "roles": request.POST.getlist("roles")}
    call = lambda: services.member_roles_set(actor=request.actor, at=clock(request), **facts)  # noqa: E731
    return _done(request, membership_id, call, "岗位已更新，立即生效。")


@page(*services.ADMINS, services.KEEPER, methods=("POST",), step_up=True)
def member_switch(request, membership_id):
    is_active = request.POST.get("is_active") == "1"
    facts = {"membership_id": membership_id, "is_active": is_active}
    call = lambda: services.member_switch(actor=request.actor, at=clock(request), **facts)  # noqa: E731
    return _done(request, membership_id, call, "账号已启用。" if is_active else "账号已停用，其登录已全部退出。")


@page(*services.ADMINS, services.KEEPER, methods=("POST",), step_up=True)
def member_sessions_end(request, membership_id):
    call = lambda: services.member_sessions_end(  # noqa: E731
        actor=request.actor, at=clock(request), membership_id=membership_id
    )
    return _done(request, membership_id, call, "其登录已全部退出。")


@page(*services.ADMINS, services.KEEPER, methods=("POST",), step_up=True)
def member_factors_reset(request, membership_id):
    call = lambda: services.member_factors_reset(  # noqa: E731
        actor=request.actor, at=clock(request), membership_id=membership_id
    )
    return _done(request, membership_id, call, "第二重验证已清除，请通知本人重新设置。")


@page(*services.ADMINS, services.KEEPER, methods=("POST",), step_up=True)
def member_password_reset(request, membership_id):
    password = _initial_password()
    facts = {"membership_id": membership_id, "password": password}
    _, refusal = attempt(
        request, lambda: services.member_password_reset(actor=request.actor, at=clock(request), **facts)
    )
    if refusal:
        return _member_page(request, membership_id, refusal)
    return _password_page(request, membership_id, password)
