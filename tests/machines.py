"""Machines of organisations for tests: a token, people who answer for its roles, a mandate."""

import hashlib
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from sunlight import scope
from sunlight.scope import Actor, Client, Role
from sunlight.scope.clock import business_date
from sunlight.scope.roles import ADMINS
from sunlight.tenancy.models import ApiToken, MachineDuty, Mandate, Membership, OAuthClient, Person, User
from sunlight.tenancy.queries.actors import actor_of_token
from sunlight.tenancy.services import oauth
from sunlight.tenancy.services.admission import token_issue
from sunlight.tenancy.services.changes import change_confirm

NOBODYS = make_password(None)


def token_of(
    system: Actor, organisation, platform, *roles: Role, name: str = "测试", answered: bool = True, **more
) -> str:
    """The secret of a new token; somebody of its own answers for each of its roles, unless it is to be `answered` later."""
    at = more.pop("at", None) or scope.now()
    with scope.opened(system):
        secret = token_issue(
            actor=system, at=at, organisation=organisation, platform=platform, name=name, roles=list(roles), **more
        )
    if answered:
        with scope.login_scope():
            token = ApiToken.objects.get(token_hash=hashlib.sha256(secret.encode()).hexdigest())
        for role in roles:
            answer(system, token, role, at=at)
    return secret


def answer(system: Actor, machine, role: Role, membership: Membership | None = None, at=None) -> MachineDuty:
    """`membership` (else a new person of the organisation) answers for the machine in this role, by rows."""
    at = at or scope.now()
    membership = membership or person_of(system, machine, role)
    kind = "client" if isinstance(machine, OAuthClient) else "token"
    with scope.opened(system):
        return MachineDuty.objects.create(
            organisation_id=machine.organisation_id,
            platform_id=machine.platform_id,
            name=machine.name,
            role=str(role),
            membership=membership,
            state="CONFIRMED",
            asked_at=at,
            confirmed_at=at,
            **scope.by(system, "asked"),
            **{kind: machine},
        )


def client_made(
    world, admin: Actor, *scopes: Role, name: str = "HIS", answered: bool = True
) -> tuple[OAuthClient, str]:
    """A client that `admin` asked for and took the secret of, confirmed by another administrator; somebody of its own
    answers for each of its roles."""
    key = next(key for key, each in world.organisations.items() if each.pk == admin.organisation_id)
    second = world.actor(key, *(role for role in admin.roles if role in ADMINS), person="second")
    answers = {str(role): person_of(world.system, admin, role).pk for role in scopes}
    with scope.opened(admin):
        change = oauth.oauth_client_create(
            actor=admin, at=scope.now(), name=name, scopes=list(answers), answers=answers
        )
    with scope.opened(second):
        change_confirm(actor=second, at=scope.now(), change_id=change.pk)
    with scope.opened(admin):
        client = OAuthClient.objects.latest("id")
        _, secret = oauth.oauth_client_rotate(actor=admin, at=scope.now(), client_pk=client.pk)
    if answered:
        with scope.opened(world.system):
            MachineDuty.objects.filter(client=client).update(state="CONFIRMED", confirmed_at=scope.now())
    return client, secret


def person_of(system: Actor, machine, role: Role) -> Membership:
    with scope.login_scope():
        number = User.objects.count()
        person = Person.objects.create(created_at=scope.now())
        user = User.objects.create(
            person=person, username=f"answers.{number}", name=f"负责人{number}", password=NOBODYS
        )
    with scope.opened(system):
        return Membership.objects.create(
            user_id=user.pk,
            organisation_id=machine.organisation_id,
            platform_id=machine.platform_id,
            roles=[str(role)],
        )


def actor_of(secret: str, *roles: Role) -> Actor:
    """The machine that holds the secret, acting in one of `roles` where it has several."""
    with scope.login_scope():
        found = actor_of_token(secret, Client(address="127.0.0.1", agent="pytest"), scope.now())
    return found.acting_as(roles) if roles else found


def mandate(world, machine: Actor, table: str, move: str, *, act: int = 10**12, day: int = 10**13, **more) -> Mandate:
    """A mandate in force for this machine, by rows: given by whoever answers for it in the role it acts in, confirmed by an
    administrator of its own."""
    today = business_date(scope.now())
    kind = str(machine.principal.kind)
    with scope.login_scope():
        duty = MachineDuty.objects.filter(
            **{f"{kind}_id": machine.principal.id}, role__in=machine.roles, state="CONFIRMED"
        ).first()
        admin = Role.HOSPITAL_ADMIN if machine.kind == "HOSPITAL" else Role.SUPPLIER_ADMIN
    confirmer = person_of(world.system, duty, admin)
    facts = {
        "organisation_id": duty.organisation_id,
        "platform_id": duty.platform_id,
        f"{kind}_id": machine.principal.id,
        "name": duty.name,
        "role": duty.role,
        "machine": table,
        "move": move,
        "per_act_fen": act,
        "per_day_fen": day,
        "from_date": today,
        "to_date": today + timedelta(days=90),
        "state": "IN_FORCE",
        "giver_id": duty.membership_id,
        "giver_name": "授权人",
        "given_at": scope.now(),
        "confirmer": confirmer,
        "confirmer_name": "确认人",
        "confirmer_role": str(admin),
        "confirmed_at": scope.now(),
        **scope.by(world.system, "given"),
        **scope.by(world.system, "confirmed"),
    }
    with scope.opened(world.system):
        number = Mandate.objects.count() + 1
        return Mandate.objects.create(**{"number": number, **facts, **more})
