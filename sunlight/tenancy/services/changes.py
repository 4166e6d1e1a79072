"""Asking for a change of rights, and confirming, refusing, withdrawing it. What a kind of change does stands with its app
(`sunlight.tenancy.changes`)."""

from collections.abc import Collection
from datetime import datetime

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.duties import moved
from sunlight.scope.roles import ADMINS
from sunlight.tenancy import profile
from sunlight.tenancy.access import AccessChange
from sunlight.tenancy.changes import ChangeKind, applied
from sunlight.tenancy.events import (
    ACCESS_CHANGE_ASKED,
    ACCESS_CHANGE_CONFIRMED,
    ACCESS_CHANGE_EXPIRED,
    ACCESS_CHANGE_REFUSED,
    ACCESS_CHANGE_WITHDRAWN,
)
from sunlight.tenancy.queries.changes import KEEPERS, gaining, is_for, lock_change
from sunlight.tenancy.queries.people import cared_for
from sunlight.tenancy.workflows import ACCESS_CHANGE, ChangeState


def _may_ask(actor: Actor, kind: ChangeKind, organisation_id: int) -> None:
    if actor.user_id is None:
        raise Forbidden("people_only", "权限变更须由人员本人登录后提出，接口不能办理。")
    mine = {each.pk for each in cared_for(actor)} | ({actor.organisation_id} if kind.for_oneself else set())
    if organisation_id not in mine or not (kind.for_oneself or actor.has(*ADMINS, *KEEPERS)):
        raise Forbidden("not_your_duty", "只有本单位管理员可以提出此项变更；运营、监管和平台机构由平台安全管理员提出。")


@service
def change_ask(
    *,
    actor: Actor,
    at: datetime,
    kind: ChangeKind,
    title: str,
    facts: dict,
    organisation_id: int | None = None,
    gains: Collection[int] = (),
    told_roles: Collection[Role | str] = (),
) -> AccessChange:
    """Ask that `kind` be done with `facts` (JSON, no secrets) for an organisation; nothing happens until a second person
    confirms it. `gains` are the people (`Person`) to whom it gives something. Called by the service that has looked at
    the facts. Raises Forbidden for machines, for whoever does not administer the organisation, and for oneself; Conflict
    where the same is asked already."""
    organisation_id = organisation_id or actor.organisation_id
    _may_ask(actor, kind, organisation_id)
    if not kind.for_oneself and actor.for_person_id in gains:
        raise Forbidden("not_oneself", "不能为自己（包括本人的其他账号）增加岗位或权限，请由另一位管理员提出。")
    waiting = AccessChange.objects.filter(
        platform_id=actor.platform_id, organisation_id=organisation_id, state=ChangeState.ASKED
    )
    if waiting.filter(kind=kind.key, facts=facts, expires_at__gt=at).exists():
        raise Conflict("change_waits", "同样的变更已经提出，正等待另一位管理员确认。请在“待确认变更”中查看。")
    change = AccessChange.objects.create(
        platform_id=actor.platform_id,
        organisation_id=organisation_id,
        kind=kind.key,
        title=title[:200],
        facts=facts,
        gaining_person_ids=sorted(set(gains)),
        told_roles=sorted({str(role) for role in told_roles}),
        asked_at=at,
        **scope.by(actor, "asked"),
        asked_by_name=actor.user_name[:60],
        expires_at=at + profile.current().change_waits,
    )
    _record(ACCESS_CHANGE_ASKED, change, actor, at)
    return change


def _record(event: EventType, change: AccessChange, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=change.pk,
        actor=actor,
        at=at,
        version=change.version,
        parties=[change.organisation_id],
        payload={
            "change_kind": change.kind,
            "title": change.title,
            "organisation": change.organisation_id,
            "gaining": change.gaining_person_ids,
            "told_roles": change.told_roles,
            "state": change.state,
            "note": change.note,
        },
    )


def _ended(
    change: AccessChange, state: ChangeState, actor: Actor, at: datetime, event: EventType, note: str = ""
) -> AccessChange:
    change.state, change.version, change.note = state, change.version + 1, note
    change.decided_at, change.decided_by_name = at, actor.user_name[:60]
    stamped = scope.stamp(change, "decided", actor)
    change.save(update_fields=["state", "version", "note", "decided_at", "decided_by_name", *stamped])
    _record(event, change, actor, at)
    return change


def _to_decide(actor: Actor, change_id: int) -> AccessChange:
    change = lock_change(actor, change_id)
    if not is_for(actor, change):
        raise Forbidden(
            "change_not_yours",
            "此项变更由该单位的另一位管理员确认；只有一位管理员的单位由平台安全管理员确认，您的岗位不能办理。",
            subject=("access_change", change.pk),
        )
    return change


@service
def change_confirm(*, actor: Actor, at: datetime, change_id: int) -> AccessChange:
    """Confirm it: it happens now. Raises NotThere, Forbidden for whoever asked for it, gains by it or has no say, Conflict
    once it has ended or lapsed, and whatever its kind refuses."""
    change = _to_decide(actor, change_id)
    state = moved(
        ACCESS_CHANGE,
        change.state,
        "confirm",
        actor,
        earlier={"ask": change.asked_by, "gain": gaining(change)},
        subject=("access_change", change.pk),
    )
    if at >= change.expires_at:
        raise Conflict("change_lapsed", "此项变更已过确认期限。仍需办理的，请重新提出。")
    _ended(change, state, actor, at, ACCESS_CHANGE_CONFIRMED)
    applied(change, actor=actor, at=at)
    return change


@service
def change_refuse(*, actor: Actor, at: datetime, change_id: int, reason: str) -> AccessChange:
    """Say no, with the reason. Raises NotThere, Forbidden, Conflict, Invalid."""
    change = _to_decide(actor, change_id)
    state = moved(
        ACCESS_CHANGE,
        change.state,
        "refuse",
        actor,
        earlier={"ask": change.asked_by},
        subject=("access_change", change.pk),
    )
    note = reading.reason(reason, label="不同意的理由", most=500)
    return _ended(change, state, actor, at, ACCESS_CHANGE_REFUSED, note)


@service
def change_withdraw(*, actor: Actor, at: datetime, change_id: int) -> AccessChange:
    """Whoever asked for it takes it back. Raises NotThere, Forbidden for others, Conflict once it has ended."""
    change = lock_change(actor, change_id)
    asked_by = change.asked_by
    if asked_by is None or actor.acting is None or asked_by.principal != actor.acting.principal:
        raise Forbidden("change_not_asked_by_you", "只有提出人可以撤回。不同意的，请由确认人填写理由后办理。")
    state = moved(ACCESS_CHANGE, change.state, "withdraw", actor)
    return _ended(change, state, actor, at, ACCESS_CHANGE_WITHDRAWN)


@service
def changes_expire(*, actor: Actor, at: datetime, limit: int = 100) -> int:
    """End what nobody decided in time, by the system; returns how many."""
    lapsed = AccessChange.objects.select_for_update(skip_locked=True).filter(
        platform_id=actor.platform_id, state=ChangeState.ASKED, expires_at__lte=at
    )
    rows = list(lapsed.order_by("expires_at", "id")[:limit])
    for change in rows:
        _ended(change, moved(ACCESS_CHANGE, change.state, "expire", actor), actor, at, ACCESS_CHANGE_EXPIRED)
    return len(rows)
