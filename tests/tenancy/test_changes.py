"""A change of rights needs a second person: whoever asks does not confirm, nor do those who gain, whatever account they use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from sunlight.scope.principal import Principal, PrincipalKind
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy import changes as registry
from sunlight.tenancy import profile
from sunlight.tenancy.changes import ChangeKind
from sunlight.tenancy.queries.changes import changes_to_decide, changes_visible_to
from sunlight.tenancy.services import changes as services
from sunlight.tenancy.workflows import ChangeState

pytestmark = pytest.mark.django_db
ADMIN = Role.HOSPITAL_ADMIN


@pytest.fixture
def done(monkeypatch):
    """What the kind `test` did."""
    seen = []
    kind = ChangeKind("test", "试验变更", lambda *, change, actor, at: seen.append((change.facts, actor.user_id)), dict)
    monkeypatch.setitem(registry.KINDS, "test", kind)
    seen_kind = type("Done", (list,), {})(seen)
    seen_kind.kind, seen_kind.seen = kind, seen
    return seen_kind


def _as(actor, call, **facts):
    with scope.opened(actor):
        return call(actor=actor, at=facts.pop("at", scope.now()), **facts)


def _ask(actor, done, **facts):
    return _as(actor, services.change_ask, kind=done.kind, **({"title": "给某人财务岗位", "facts": {"n": 1}} | facts))


@pytest.fixture
def one(world):
    return world.actor("hospital", ADMIN)


@pytest.fixture
def other(world):
    return world.actor("hospital", ADMIN, person="b")


@pytest.fixture
def at_platform(world):
    """An actor of the platform's own; the small world has no such organisation."""

    def make(role):
        actor = world.actor("operator", Role.OPERATOR_SUPPORT, person=role.value[9:15].lower())
        return replace(actor, kind=OrganisationKind.PLATFORM, roles=frozenset({role}))

    return make


@pytest.fixture
def keeper(at_platform):
    return at_platform(Role.PLATFORM_SECURITY_ADMIN)


def test_another_administrator_confirms_and_only_then_it_happens(world, done, one, other):
    change = _ask(one, done, told_roles=[Role.HOSPITAL_FINANCE])
    assert done.seen == []
    confirmed = _as(other, services.change_confirm, change_id=change.id)
    assert (confirmed.state, done.seen) == (ChangeState.CONFIRMED, [({"n": 1}, other.user_id)])
    with pytest.raises(Conflict):
        _as(other, services.change_confirm, change_id=change.id)


@pytest.mark.duty("access_change", "confirm", "ask")
@pytest.mark.duty("access_change", "refuse", "ask")
def test_whoever_asked_does_not_decide_nor_does_their_second_account(world, done, one, other):
    change = _ask(one, done)
    same = replace(other, for_person_id=one.for_person_id)
    for actor in (one, same):
        with pytest.raises(Forbidden, match="不能确认本人提出的变更"):
            _as(actor, services.change_confirm, change_id=change.id)
        with pytest.raises(Forbidden):
            _as(actor, services.change_refuse, change_id=change.id, reason="不同意")
    assert done.seen == []


@pytest.mark.duty("access_change", "confirm", "gain")
def test_whoever_gains_does_not_confirm_and_nobody_asks_for_themselves(world, done, one, other):
    with pytest.raises(Forbidden, match="不能为自己"):
        _ask(one, done, gains=[one.for_person_id])
    change = _ask(one, done, gains=[other.for_person_id])
    with pytest.raises(Forbidden, match="涉及您本人"):
        _as(other, services.change_confirm, change_id=change.id)


def test_where_there_is_one_administrator_the_platforms_security_administrator_confirms(done, one, keeper):
    change = _ask(one, done)
    assert [each.id for each in _seen(keeper)] == [change.id]
    _as(keeper, services.change_confirm, change_id=change.id)
    assert done.seen == [({"n": 1}, keeper.user_id)]


def _seen(actor):
    with scope.opened(actor):
        return changes_to_decide(actor)


def test_the_security_administrator_has_no_say_where_the_organisation_can_decide(done, one, other, keeper):
    change = _ask(one, done)
    assert _seen(keeper) == [] and [each.id for each in _seen(other)] == [change.id] and _seen(one) == []
    with pytest.raises(Forbidden, match="另一位管理员确认"):
        _as(keeper, services.change_confirm, change_id=change.id)


def test_two_accounts_of_one_administrator_are_one_administrator(world, done, one, other, keeper):
    """With a second account of the only administrator there is still nobody else in the organisation."""
    from sunlight.tenancy.models import User

    with scope.login_scope():
        User.objects.filter(id=other.user_id).update(person_id=one.for_person_id)
    change = _ask(one, done)
    _as(keeper, services.change_confirm, change_id=change.id)
    assert len(done.seen) == 1


def test_an_operators_change_is_for_two_of_the_platform(world, done, at_platform, keeper):
    system = at_platform(Role.PLATFORM_SYSTEM_ADMIN)
    change = _ask(keeper, done, organisation_id=world.operator.id)
    with pytest.raises(Forbidden):
        _as(keeper, services.change_confirm, change_id=change.id)
    _as(system, services.change_confirm, change_id=change.id)
    assert len(done.seen) == 1


def test_machines_and_others_do_not_ask(world, done, one, other):
    machine = replace(one, principal=Principal(PrincipalKind.CLIENT, 5))
    with pytest.raises(Forbidden, match="接口不能办理"):
        _ask(machine, done)
    with pytest.raises(Forbidden):
        _ask(world.actor("hospital", Role.HOSPITAL_BUYER), done)
    with pytest.raises(Forbidden):
        _ask(one, done, organisation_id=world.maker.id)
    change = _ask(one, done)
    for stranger in (world.actor("other_hospital", ADMIN), world.actor("hospital", Role.HOSPITAL_BUYER)):
        with pytest.raises(NotThere):
            _as(stranger, services.change_confirm, change_id=change.id)


def test_refused_withdrawn_and_lapsed_changes_never_happen(world, done, one, other):
    refused = _ask(one, done)
    with pytest.raises(Invalid):
        _as(other, services.change_refuse, change_id=refused.id, reason=" ")
    _as(other, services.change_refuse, change_id=refused.id, reason="不需要")
    withdrawn = _ask(one, done)
    with pytest.raises(Forbidden):
        _as(other, services.change_withdraw, change_id=withdrawn.id)
    _as(one, services.change_withdraw, change_id=withdrawn.id)
    lapsed = _ask(one, done)
    late = scope.now() + profile.current().change_waits
    with pytest.raises(Conflict, match="已过确认期限"):
        _as(other, services.change_confirm, change_id=lapsed.id, at=late)
    assert _as(world.system, services.changes_expire, at=late - timedelta(minutes=1)) == 0
    assert _as(world.system, services.changes_expire, at=late) == 1
    with scope.opened(one):
        states = [each.state for each in changes_visible_to(one)]
    assert states == [ChangeState.EXPIRED, ChangeState.WITHDRAWN, ChangeState.REFUSED] and done.seen == []


def test_the_same_is_asked_once(done, one):
    _ask(one, done)
    with pytest.raises(Conflict, match="已经提出"):
        _ask(one, done)


def test_the_database_itself_wants_another_person(world, done, one, other):
    from django.db import IntegrityError, transaction

    from sunlight.tenancy.access import AccessChange

    change = _ask(one, done)
    with scope.opened(world.system), pytest.raises(IntegrityError), transaction.atomic():
        AccessChange.objects.filter(id=change.id).update(
            state="CONFIRMED",
            decided_at=scope.now(),
            decided_by_kind="person",
            decided_by_id=other.user_id,
            decided_for_person_id=one.for_person_id,
        )
