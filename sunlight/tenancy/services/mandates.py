"""Mandates: two people of an organisation let one machine make one kind of move, up to a ceiling, until a day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Max, Sum

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.machine import Machine
from sunlight.kernel.money import MoneyError, fen_text, parse_amount_fen
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import held_message, is_held, moved
from sunlight.scope.principal import Acted
from sunlight.scope.roles import ADMINS
from sunlight.tenancy import profile
from sunlight.tenancy.events import MANDATE_CONFIRMED, MANDATE_ENDED, MANDATE_GIVEN
from sunlight.tenancy.mandates import roles_for
from sunlight.tenancy.models import ApiToken, Mandate, MandateUse, Membership, OAuthClient, OAuthSecret
from sunlight.tenancy.queries.machines import (
    colleagues,
    givers_of,
    lock_duty,
    lock_mandate,
    lock_mandate_for,
    mandates_visible_to,
)
from sunlight.tenancy.services.machines import in_person
from sunlight.tenancy.workflows import MANDATE, DutyState


@service
def mandate_give(
    *,
    actor: Actor,
    at: datetime,
    duty_id: int | str,
    machine: str,
    move: str,
    per_act: str,
    per_day: str,
    from_date: date | str,
    to_date: date | str,
) -> Mandate:
    """Who answers for a machine in a role lets it make one move of this role that else only a person makes: amounts in yuan
    (tax included) an act and a day, from a day to a day, both included. It counts once a second person, an administrator,
    has confirmed it. Raises NotThere, Forbidden for whoever does not answer for it, Invalid with all faults at once."""
    in_person(actor, "办理授权书")
    if is_held(actor):
        raise Forbidden("account_held", held_message(actor, "办理授权书"))
    read = reading.Collected()
    duty_id = read(reading.row_id, duty_id, "machine_duty", "接口职责")
    from_date = read(reading.day, from_date, "from_date", "起始日")
    to_date = read(reading.day, to_date, "to_date", "截止日")
    read.check()
    act, day = _fen(per_act, "per_act", "单笔上限"), _fen(per_day, "per_day", "每日上限")
    duty, mine = lock_duty(actor, duty_id), _membership(actor)
    if duty.membership_id != mine.pk or duty.state != DutyState.CONFIRMED or not actor.has(Role(duty.role)):
        raise Forbidden("mandate_not_yours", "只有已确认为该接口这一岗位负责的本人可以提出授权书。")
    if Role(duty.role) not in roles_for(machine, move):
        raise Invalid("mandate_move", "这一操作不能授权给接口，或不属于该岗位。请重新选择。", field="move")
    _fits(act, day, from_date, to_date, business_date(at))
    scope.alone("tenancy.mandates", actor.organisation_id, shared=True)
    numbers = mandates_visible_to(actor).order_by().aggregate(last=Max("number"))
    mandate = Mandate.objects.create(
        organisation_id=duty.organisation_id,
        platform_id=duty.platform_id,
        client_id=duty.client_id,
        token_id=duty.token_id,
        name=duty.name,
        role=duty.role,
        number=(numbers["last"] or 0) + 1,
        machine=machine,
        move=move,
        per_act_fen=act,
        per_day_fen=day,
        from_date=from_date,
        to_date=to_date,
        state=MANDATE.initial,
        giver_id=mine.pk,
        giver_name=actor.user_name[:60],
        given_at=at,
        **scope.by(actor, "given"),
    )
    _record(MANDATE_GIVEN, mandate, actor, at)
    return mandate


def _fen(typed: str, field: str, label: str) -> int:
    try:
        return parse_amount_fen(typed)
    except MoneyError as wrong:
        raise Invalid("mandate_amount", f"{label}：{wrong.message}", field=field) from wrong


def _fits(act: int, day: int, from_date: date, to_date: date, today: date) -> None:
    longest = profile.current().mandate_longest
    if day < act:
        raise Invalid("mandate_amount", "每日上限不得低于单笔上限，请重新填写。", field="per_day")
    if not (today <= to_date and from_date <= to_date <= from_date + longest):
        raise Invalid(
            "mandate_dates",
            f"授权期限须自起始日起不超过 {longest.days} 日，且截止日不早于今天。请重新填写。",
            field="to_date",
        )


def _membership(actor: Actor) -> Membership:
    """The actor's own. Raises NotThere for whoever has none."""
    mine = next((each for each in colleagues(actor).values() if each.user_id == actor.user_id), None)
    if mine is None:
        raise NotThere("您在本单位的岗位")
    return mine


@service
def mandate_confirm(*, actor: Actor, at: datetime, mandate_id: int) -> Mandate:
    """The second person, an administrator: from now on the machine may. Raises NotThere, Forbidden for who gave it and for
    who knows the machine's secret."""
    in_person(actor, "确认授权书")
    mandate, mine = lock_mandate(actor, mandate_id), _membership(actor)
    mandate.state = moved(
        MANDATE,
        mandate.state,
        "confirm",
        actor,
        earlier={"give": mandate.given_by, "make": _makers(mandate)},
        subject=("mandate", mandate.pk),
    )
    mandate.confirmer_id, mandate.confirmer_name, mandate.confirmed_at = mine.pk, actor.user_name[:60], at
    mandate.confirmer_role = str(next(role for role in sorted(ADMINS) if actor.has(role)))
    who = scope.stamp(mandate, "confirmed", actor)
    mandate.save(
        update_fields=["state", "confirmer", "confirmer_name", "confirmer_role", "confirmed_at", *who],
    )
    _record(MANDATE_CONFIRMED, mandate, actor, at)
    return mandate


def _makers(mandate: Mandate) -> list[Acted | None]:
    """Whoever made the machine or a secret of it."""
    with scope.login_scope():
        if mandate.client_id is None:
            return [ApiToken.objects.get(pk=mandate.token_id).created_by]
        secrets = OAuthSecret.objects.filter(client_id=mandate.client_id)
        return [OAuthClient.objects.get(pk=mandate.client_id).created_by, *(each.created_by for each in secrets)]


@service
def mandate_end(*, actor: Actor, at: datetime, mandate_id: int, reason: str) -> Mandate:
    """End a mandate at once: by who gave it, who confirmed it, or an administrator. Raises NotThere, Forbidden, Invalid
    without a reason."""
    in_person(actor, "终止授权书")
    reason = reading.reason(reason, label="终止原因", most=300)
    mandate, mine = lock_mandate(actor, mandate_id), _membership(actor)
    if mine.pk not in (mandate.giver_id, mandate.confirmer_id) and not actor.has(*ADMINS):
        raise Forbidden("mandate_not_yours", "只有授权书的两位授权人或本单位管理员可以终止授权书。")
    mandate.state = moved(MANDATE, mandate.state, "end", actor)
    mandate.ended_at, mandate.end_reason = at, reason
    mandate.save(update_fields=["state", "ended_at", "end_reason", *scope.stamp(mandate, "ended", actor)])
    _record(MANDATE_ENDED, mandate, actor, at, reason=reason)
    return mandate


def mandated(
    actor: Actor, machine: Machine, move: str, *, fen: Callable[[], int], subject: tuple[str, int], at: datetime
) -> Actor:
    """The actor who makes this move: people as they are, a machine under its mandate, of which the amount that `fen` says
    (integer fen, tax included; asked of machines only) is used up today. Without a mandate as it is, and `moved` refuses. Runs in the transaction of the move.

    Raises Forbidden where there is a mandate and it does not cover this: over, above a ceiling, or given by somebody who has
    left."""
    if not actor.is_machine or not machine.move(move).mandate:
        return actor
    held = lock_mandate_for(actor, machine.name, move)
    people, today = givers_of(held), business_date(at)
    amount_fen = fen() if held else 0
    why: Forbidden | None = None
    for mandate in held:
        why = _uncovered(actor, mandate, people, today, amount_fen, subject)
        if why is None:
            return _used(actor, mandate, people, today, amount_fen, subject, at)
    if why is not None:
        raise why
    return actor


def _uncovered(
    actor: Actor, mandate: Mandate, people: dict[int, Membership], today: date, amount_fen: int, subject
) -> Forbidden | None:
    """Why the mandate does not cover an act of this amount today; None where it does."""
    name = f"授权书 {mandate.number}"
    if not mandate.from_date <= today <= mandate.to_date:
        said = f"{name} 的期限为 {mandate.from_date} 至 {mandate.to_date}，今天不在期限内。请办理新的授权书，或由本人办理。"
        return Forbidden("mandate_over", said, subject=subject)
    giver, confirmer = people[mandate.giver_id], people[mandate.confirmer_id]
    stands = _holds(giver, mandate.role) and _holds(confirmer, mandate.confirmer_role)
    if not stands or giver.user.person_id != actor.for_person_id:
        said = (
            f"{name} 的授权人已离开本单位、不再担任相应岗位或不再为该接口负责，授权书已失效。请由本人办理或重新授权。"
        )
        return Forbidden("mandate_void", said, subject=subject)
    if amount_fen > mandate.per_act_fen:
        said = (
            f"本笔 {fen_text(amount_fen, grouped=True)} 元超过{name} 的单笔上限"
            f" {fen_text(mandate.per_act_fen, grouped=True)} 元。请由本人登录办理。"
        )
        return Forbidden("mandate_per_act", said, subject=subject)
    used = MandateUse.objects.filter(mandate=mandate, on=today).aggregate(sum=Sum("amount_fen"))["sum"] or 0
    if used + amount_fen > mandate.per_day_fen:
        said = (
            f"本笔 {fen_text(amount_fen, grouped=True)} 元连同今天已用的 {fen_text(used, grouped=True)} 元"
            f"超过{name} 的每日上限 {fen_text(mandate.per_day_fen, grouped=True)} 元。请由本人登录办理，或明日再办。"
        )
        return Forbidden("mandate_per_day", said, subject=subject)
    return None


def _holds(membership: Membership, role: str) -> bool:
    return membership.is_active and membership.user.is_active and role in membership.roles


def _used(actor, mandate: Mandate, people, today: date, amount_fen: int, subject, at: datetime) -> Actor:
    MandateUse.objects.create(
        mandate=mandate,
        organisation_id=mandate.organisation_id,
        platform_id=mandate.platform_id,
        on=today,
        amount_fen=amount_fen,
        subject_type=subject[0],
        subject_id=subject[1],
        used_at=at,
    )
    return replace(
        actor,
        mandate_id=mandate.pk,
        mandated=(mandate.machine, mandate.move),
        mandators=frozenset(people[each].user.person_id for each in (mandate.giver_id, mandate.confirmer_id)),
    )


def _record(event: EventType, mandate: Mandate, actor: Actor, at: datetime, **more) -> None:
    facts = {
        "number": mandate.number,
        "name": mandate.name,
        "client": mandate.client_id,
        "token": mandate.token_id,
        "role": mandate.role,
        "machine": mandate.machine,
        "move": mandate.move,
        "per_act_fen": mandate.per_act_fen,
        "per_day_fen": mandate.per_day_fen,
        "from": mandate.from_date,
        "to": mandate.to_date,
        "giver": mandate.giver_id,
        "confirmer": mandate.confirmer_id,
        "state": str(mandate.state),
    }
    record(event, subject=mandate.pk, actor=actor, at=at, parties=[mandate.organisation_id], payload=facts | more)
