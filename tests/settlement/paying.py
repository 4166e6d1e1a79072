"""What the tests of paying through machines share: a payable, people and machines, and that nothing moved."""

import hashlib

import pytest

from settlement.models.ledger import Balance
from settlement.models.payment import PaymentRun
from settlement.queries.ledger import ledger_faults
from settlement.services.runs import run_approve, run_prepare
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden
from sunlight.scope import Client, Role
from sunlight.tenancy.models import ApiToken, Membership
from sunlight.tenancy.queries.actors import actor_of_membership, open_platform_actors
from sunlight.tenancy.services import oauth
from tests.machines import actor_of, answer, token_of

FINANCE, BUYER, RECEIVER, ADMIN = (
    Role.HOSPITAL_FINANCE,
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_RECEIVER,
    Role.HOSPITAL_ADMIN,
)
FEN = 125_000  # 100 × 12.50 yuan


def do(actor, service, at=None, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=at or scope.now(), **facts)


def membership(world, actor) -> Membership:
    with scope.login_scope():
        return Membership.objects.select_related("user", "organisation__region", "platform__region").get(
            user_id=actor.user_id, organisation_id=actor.organisation_id
        )


def person(membership_id: int):
    """The actor of a membership."""
    with scope.login_scope():
        rows = Membership.objects.select_related("user", "organisation__region", "platform__region")
        return actor_of_membership(rows.get(pk=membership_id), Client())


def prepare(actor, payable):
    return do(actor, run_prepare, payable_ids=[payable.id])


def approve(actor, run):
    return do(actor, run_approve, run_id=run.id)


def machine(world, *roles, **more):
    return actor_of(token_of(world.system, world.hospital, world.platform, *roles, **more), *roles)


def client_actor(secret_of_client, *roles):
    """A client's actor by a token fetched with its secret."""
    client, secret = secret_of_client
    with scope.login_scope():
        token, _ = oauth.oauth_token_issue(client_id=client.client_id, secret=secret, wanted="", at=scope.now())
    return actor_of(token, *roles)


def refused(actor, run, code):
    """Refused so, and not a fen has moved."""
    before = balances(run)
    with pytest.raises((Forbidden, Conflict)) as refusal:
        approve(actor, run)
    assert refusal.value.code == code
    assert balances(run) == before
    return refusal.value


def balances(run):
    system = next(each for each in open_platform_actors() if each.platform_id == run.platform_id)
    with scope.opened(system):
        return sorted(Balance.objects.values_list("kind", "organisation_id", "debit_fen", "credit_fen"))


def state_of(world, run):
    with scope.opened(world.system):
        assert ledger_faults(world.platform.id) == []
        return PaymentRun.objects.get(pk=run.pk).state


def answered(world, secret, role, who):
    """The machine of a token, once this membership answers for it."""
    with scope.login_scope():
        token = ApiToken.objects.get(token_hash=hashlib.sha256(secret.encode()).hexdigest())
    answer(world.system, token, role, who)
    return actor_of(secret, role)
