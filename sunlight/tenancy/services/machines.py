"""Who answers for what a machine does: asked by an administrator, confirmed by the person, ended by either."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.scope import Actor, Role
from sunlight.scope.duties import moved
from sunlight.scope.principal import SYSTEM
from sunlight.scope.roles import ADMINS
from sunlight.tenancy import profile
from sunlight.tenancy.events import MACHINE_DUTY_ASKED, MACHINE_DUTY_CONFIRMED, MACHINE_DUTY_ENDED
from sunlight.tenancy.models import ApiToken, MachineDuty, Membership, OAuthClient, User
from sunlight.tenancy.queries.machines import CLIENT, TOKEN, lock_duty
from sunlight.tenancy.queries.people import cared_for, factors_of
from sunlight.tenancy.workflows import MACHINE_DUTY, DutyState

KEEPER = Role.PLATFORM_SECURITY_ADMIN


def in_person(actor: Actor, what: str) -> None:
    """Raises Forbidden for a machine: rights are people's affair, and no mandate changes that."""
    if actor.user_id is None and actor.principal != SYSTEM:
        raise Forbidden("people_only", f"{what}须由本人登录并再次验证后办理，接口不能代办，也不能授权给接口。")


def administers(actor: Actor, what: str) -> None:
    """Raises Forbidden for whoever is no administrator in person."""
    in_person(actor, what)
    if not actor.has(*ADMINS, KEEPER, Role.SYSTEM):
        raise Forbidden("not_your_duty", f"{what}只能由本单位管理员本人办理；运营和监管机构的由平台安全管理员办理。")


def _machine(actor: Actor, client_id: int | None, token_id: int | None) -> OAuthClient | ApiToken:
    """One of the machines of an organisation in the actor's care. Raises NotThere."""
    rows = (
        OAuthClient.objects.filter(pk=client_id)
        if token_id is None
        else ApiToken.objects.filter(pk=token_id).defer("token_hash")
    )
    if not actor.has(Role.SYSTEM):
        rows = rows.filter(organisation_id__in=[each.pk for each in cared_for(actor)], platform_id=actor.platform_id)
    found = rows.first()
    if found is None:
        raise NotThere("这个接口")
    return found


@service
def machine_duty_ask(
    *,
    actor: Actor,
    at: datetime,
    role: str,
    membership_id: int | str,
    client_id: int | None = None,
    token_id: int | None = None,
) -> MachineDuty:
    """Ask a person of the organisation to answer for what a client or token does in one of its roles; who answered for it
    before does so no longer. Until the person has confirmed it the machine does nothing in this role. Raises Forbidden,
    NotThere, Invalid for a role the machine has not, or a person who does not hold it."""
    administers(actor, "指定接口职责的负责人")
    membership_id = reading.row_id(membership_id, "membership", "负责人")
    with scope.elevated(actor):
        found = _machine(actor, client_id, token_id)
        _has(found, role)
        return duty_make(found, role, membership_id, actor=actor, at=at)


def duty_make(
    found: OAuthClient | ApiToken, role: str, membership_id: int, *, actor: Actor, at: datetime
) -> MachineDuty:
    """Ask this person to answer, for a service that has looked at who may ask; runs in the elevated scope. Raises Invalid
    for a person who does not hold the role."""
    who = Membership.objects.filter(
        pk=membership_id, organisation_id=found.organisation_id, platform_id=found.platform_id, is_active=True
    ).first()
    if who is None or role not in who.roles:
        raise Invalid(
            "machine_duty_person",
            f"所选人员不担任“{Role(role).label}”，不能为接口的这一岗位负责。请选择担任该岗位的人员。",
            field="membership",
        )
    mine = {f"{CLIENT if isinstance(found, OAuthClient) else TOKEN}_id": found.pk, "role": role}
    for before in MachineDuty.objects.select_for_update().filter(**mine).exclude(state=DutyState.ENDED):
        _end(before, actor, at)
    duty = MachineDuty.objects.create(
        organisation_id=found.organisation_id,
        platform_id=found.platform_id,
        name=found.name,
        membership=who,
        state=DutyState.ASKED,
        asked_at=at,
        **scope.by(actor, "asked"),
        **mine,
    )
    _record(MACHINE_DUTY_ASKED, duty, actor, at)
    return duty


def _has(found: OAuthClient | ApiToken, role: str) -> None:
    held = found.scopes if isinstance(found, OAuthClient) else found.roles
    if role not in held:
        raise Invalid("machine_duty_role", "该接口没有这个岗位权限，请重新选择。", field="role")


@service
def machine_duty_confirm(*, actor: Actor, at: datetime, duty_id: int) -> MachineDuty:
    """The person says: I answer for what this machine does in this role. In person, with a second factor where the account
    profile knows one. Raises NotThere, Forbidden for anybody else, and for whoever does not hold the role."""
    in_person(actor, "确认为接口负责")
    duty = lock_duty(actor, duty_id)
    if not _is_asked(actor, duty):
        raise Forbidden("machine_duty_not_yours", "只有被指定的负责人本人可以确认这项接口职责。")
    if not actor.has(Role(duty.role)):
        raise Forbidden(
            "machine_duty_role",
            f"您目前不担任“{Role(duty.role).label}”，不能为接口的这一岗位负责。请联系本单位管理员。",
        )
    if _lacks_factor(actor):
        raise Forbidden("machine_duty_factor", "为接口负责须以第二重验证确认。请先在“账户安全”中设置第二重验证。")
    duty.state = moved(MACHINE_DUTY, duty.state, "confirm", actor)
    duty.confirmed_at = at
    duty.save(update_fields=["state", "confirmed_at"])
    _record(MACHINE_DUTY_CONFIRMED, duty, actor, at)
    return duty


def _lacks_factor(actor: Actor) -> bool:
    """Whether the account profile knows second factors and the person has none; shared accounts can have none."""
    if not profile.current().second_factor_for or factors_of(actor.user_id):
        return False
    with scope.login_scope():
        return not User.objects.filter(pk=actor.user_id, is_demo=True).exists()


def _is_asked(actor: Actor, duty: MachineDuty) -> bool:
    with scope.login_scope():
        return Membership.objects.filter(pk=duty.membership_id, user_id=actor.user_id).exists()


@service
def machine_duty_end(*, actor: Actor, at: datetime, duty_id: int) -> MachineDuty:
    """The person answers no longer, or an administrator ends it: what the machine could do in this role ends at once.
    Raises NotThere, Forbidden for anybody else."""
    in_person(actor, "终止接口职责")
    duty = lock_duty(actor, duty_id)
    if not actor.has(*ADMINS) and not _is_asked(actor, duty):
        raise Forbidden("machine_duty_not_yours", "只有负责人本人或本单位管理员可以终止这项接口职责。")
    duty.state = moved(MACHINE_DUTY, duty.state, "end", actor)
    duty.ended_at = at
    duty.save(update_fields=["state", "ended_at", *scope.stamp(duty, "ended", actor)])
    _record(MACHINE_DUTY_ENDED, duty, actor, at)
    return duty


def _end(duty: MachineDuty, actor: Actor, at: datetime) -> None:
    """Another person is asked instead."""
    duty.state = moved(MACHINE_DUTY, duty.state, "end", actor)
    duty.ended_at = at
    duty.save(update_fields=["state", "ended_at", *scope.stamp(duty, "ended", actor)])


def _record(event: EventType, duty: MachineDuty, actor: Actor, at: datetime) -> None:
    record(
        event,
        subject=duty.pk,
        actor=actor,
        at=at,
        platform_id=duty.platform_id,
        parties=[duty.organisation_id],
        payload={
            "name": duty.name,
            "client": duty.client_id,
            "token": duty.token_id,
            "role": duty.role,
            "membership": duty.membership_id,
            "organisation": duty.organisation_id,
        },
    )
