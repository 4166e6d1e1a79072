"""A supplier is paid to another account only by many hands, after a waiting time, and everybody who owes it is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from settlement.models.account import AccountChange
from settlement.models.payment import Payment
from settlement.services import accounts as services
from settlement.services.runs import run_approve, run_prepare, run_reject
from settlement.tasks import changed_accounts_start
from settlement.workflows.account import ACCOUNT_CHANGE
from settlement.workflows.states import AccountChangeState
from sunlight import scope
from sunlight.journal import relay
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.kernel.machine import IllegalMove
from sunlight.messages.models import Message
from sunlight.scope import Role
from sunlight.tenancy.models import BankAccount
from tests.api_client import logged_in
from tests.factories.settlement import funded, owed
from tests.registering import PDF

NEW = "6217 0000-0000 0000 88"
DIGITS = "621700000000000088"


def finance(world, person="", firm="distributor"):
    return world.actor(firm, Role.SUPPLIER_FINANCE, person=person)


def call(service, actor, at=None, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=at or scope.now(), **facts)


def asked(world, actor=None, **more):
    facts = {"bank_name": "新银行深圳分行", "account_number": NEW, "reason": "原开户行撤点", "name": "开户证明.pdf"}
    return call(services.account_change_ask, actor or finance(world), content=PDF, **{**facts, **more})


def confirmed(world):
    change = asked(world)
    call(services.account_change_confirm, finance(world, "second"), change_id=change.id)
    return change


def approved(world, at=None):
    change = confirmed(world)
    return call(
        services.account_change_approve, world.actor("operator", Role.OPERATOR_REVIEWER), at, change_id=change.id
    )


def account(world):
    with scope.opened(world.system):
        return BankAccount.objects.get(organisation=world.distributor, is_default=True)


def kept(world, change):
    with scope.opened(world.system):
        return AccountChange.objects.get(pk=change.pk)


def test_from_asking_to_the_first_payment(world):
    funded(world, 400_000)
    before, debt = account(world), owed(world)
    change = approved(world, datetime(2026, 3, 2, 2, tzinfo=UTC))
    assert (change.account_number, change.account_name) == (DIGITS, world.distributor.name)
    # Monday and five working days.
    assert (change.state, change.starts_on) == (AccountChangeState.APPROVED, date(2026, 3, 9))
    with scope.opened(world.system):
        while relay.deliver_pending(actor=world.system, at=scope.now()):
            pass
        told = set(Message.objects.values_list("kind", "organisation_id"))
    assert {
        ("account_change_asked", world.distributor.id),
        ("account_change_ended", world.distributor.id),
        ("payee_account_changes", world.hospital.id),
    } <= told

    evening, midnight = datetime(2026, 3, 8, 15, 59, tzinfo=UTC), datetime(2026, 3, 8, 16, 10, tzinfo=UTC)
    assert (call(services.account_changes_take_effect, world.system, evening), account(world).id) == (0, before.id)
    assert [call(services.account_changes_take_effect, world.system, midnight) for _ in range(2)] == [1, 0]
    assert account(world).account_number == DIGITS
    cashier = world.actor("hospital", Role.HOSPITAL_FINANCE)
    run = call(run_prepare, cashier, payable_ids=[debt.id])
    with scope.opened(world.system):
        assert Payment.objects.get(run=run).payee_account_number == DIGITS
        assert BankAccount.objects.filter(organisation=world.distributor).count() == 2


def test_a_run_prepared_before_is_not_paid_to_the_former_account(world):
    funded(world, 400_000)
    debt = owed(world)
    first, second = (world.actor("hospital", Role.HOSPITAL_FINANCE, person=name) for name in ("", "second"))
    run = call(run_prepare, first, payable_ids=[debt.id])
    change = approved(world)
    with scope.opened(world.system):
        AccountChange.objects.filter(pk=change.pk).update(starts_on=date(2020, 1, 1))
    assert changed_accounts_start() == 1
    with pytest.raises(Conflict) as refused:
        call(run_approve, second, run_id=run.id)
    assert refused.value.code == "payee_account_changed" and world.distributor.name in refused.value.message
    with scope.opened(world.system):
        assert Payment.objects.get(run=run).state == "PENDING"
    call(run_reject, second, run_id=run.id, reason="收款账户已变更")
    again = call(run_prepare, first, payable_ids=[debt.id])
    call(run_approve, second, run_id=again.id)
    with scope.opened(world.system):
        assert Payment.objects.get(run=again).payee_account_number == DIGITS


@pytest.mark.duty("account_change", "confirm", "ask")
def test_who_asked_does_not_confirm(world):
    change = asked(world)
    with pytest.raises(Forbidden, match="申请人不能复核"):
        call(services.account_change_confirm, finance(world), change_id=change.id)
    assert kept(world, change).state == AccountChangeState.ASKED
    with (
        scope.opened(world.system),
        pytest.raises(IntegrityError, match="nobody_confirms_an_own"),
        transaction.atomic(),
    ):
        AccountChange.objects.filter(pk=change.pk).update(**scope.by(finance(world), "confirmed"))


@pytest.mark.parametrize("state", AccountChangeState.values())
def test_every_forbidden_move(world, state):
    change = asked(world)
    services_of = {
        "confirm": (services.account_change_confirm, finance(world, "second"), {}),
        "approve": (services.account_change_approve, world.actor("operator", Role.OPERATOR_REVIEWER), {}),
        "refuse": (
            services.account_change_refuse,
            world.actor("operator", Role.OPERATOR_REVIEWER),
            {"reason": "证明不清"},
        ),
        "withdraw": (services.account_change_withdraw, finance(world, "second"), {"reason": "不再变更"}),
        "take_effect": (services.account_change_take_effect, world.system, {}),
    }
    with scope.opened(world.system):
        AccountChange.objects.filter(pk=change.pk).update(
            state=state, confirmed_at=scope.now(), approved_at=scope.now(), starts_on=date(2020, 1, 1)
        )
    open_moves = {move.name for move in ACCOUNT_CHANGE.moves_from(state)}
    for name, (service, actor, facts) in services_of.items():
        if name not in open_moves:
            with pytest.raises((IllegalMove, Conflict)):
                call(service, actor, change_id=change.id, **facts)
    assert kept(world, change).state == state and account(world).account_number != DIGITS


def test_nobody_else_reaches_it(world):
    change = asked(world)
    for actor in (finance(world, firm="maker"), world.actor("hospital", Role.HOSPITAL_FINANCE)):
        with pytest.raises(NotThere):
            call(services.account_change_confirm, actor, change_id=change.id)
    for role in (Role.SUPPLIER_SHIPPER, Role.SUPPLIER_SELLER):
        with pytest.raises(Forbidden):
            asked(world, world.actor("distributor", role))
    with pytest.raises(Conflict, match="需要：审核员"):
        call(services.account_change_approve, finance(world, "second"), change_id=confirmed_id(world, change))


def confirmed_id(world, change):
    call(services.account_change_confirm, finance(world, "second"), change_id=change.id)
    return change.id


def test_the_day_has_not_come(world):
    change = approved(world)
    with pytest.raises(Conflict, match="现在还不能使用"):
        call(services.account_change_take_effect, world.system, change_id=change.id)
    last = scope.now() + timedelta(days=60)
    assert call(services.account_change_take_effect, world.system, last, change_id=change.id).state == "IN_FORCE"


def test_it_can_be_stopped_until_its_day(world):
    change = approved(world)
    stopped = call(
        services.account_change_withdraw, finance(world, "third"), change_id=change.id, reason="不是本单位提出的"
    )
    assert (stopped.state, stopped.end_reason) == (AccountChangeState.WITHDRAWN, "不是本单位提出的")
    with scope.opened(world.system):
        AccountChange.objects.filter(pk=change.pk).update(starts_on=date(2020, 1, 1))
    assert changed_accounts_start() == 0 and account(world).account_number != DIGITS
    asked(world)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"account_number": "六二一七"}, "account_number"),
        ({"account_number": "1234567"}, "account_number"),
        ({"account_number": "1" * 31}, "account_number"),
        ({"bank_name": " "}, "missing"),
        ({"reason": ""}, "reason_missing"),
        ({"content": b"MZ"}, None),
    ],
)
def test_bad_input_leaves_nothing(world, wrong, code):
    with pytest.raises(Invalid) as refused:
        facts = {"content": PDF, **wrong}
        call(
            services.account_change_ask,
            finance(world),
            **{"bank_name": "新银行", "account_number": NEW, "reason": "搬迁", "name": "证明.pdf", **facts},
        )
    assert code is None or code in (refused.value.code, *(each.code for each in refused.value.items))
    with scope.opened(world.system):
        assert not AccountChange.objects.exists()
        assert not Event.objects.filter(name="account_change_asked").exists()


def test_one_at_a_time_and_not_the_same(world):
    with scope.opened(world.system):
        BankAccount.objects.filter(organisation=world.distributor).update(
            bank_name="新银行深圳分行", account_number=DIGITS
        )
    with pytest.raises(Invalid, match="无须变更"):
        asked(world)
    asked(world, account_number="62170000000000099")
    with pytest.raises(Conflict, match="正在办理"):
        asked(world)


def test_the_pages_lead_through_it(world):
    change = asked(world)
    at, second = f"/settlement/accounts/{change.id}/", logged_in(finance(world, "second"))
    page = second.get(at).content.decode()
    assert "复核无误" in page and DIGITS in page
    assert "复核无误" not in logged_in(finance(world)).get(at).content.decode()
    assert second.post(f"{at}confirm/").status_code == 302
    reviewer = logged_in(world.actor("operator", Role.OPERATOR_REVIEWER))
    assert "核实通过" in reviewer.get(at).content.decode()
    assert reviewer.post(f"{at}refuse/", {"reason": ""}).status_code == 422
    assert reviewer.post(f"{at}approve/").status_code == 302
    assert kept(world, change).state == AccountChangeState.APPROVED


def test_asking_by_the_page_keeps_what_was_typed(world):
    mine = logged_in(finance(world))
    typed = {"bank_name": "新银行深圳分行", "account_number": "12", "reason": "原开户行撤点"}
    refused = mine.post("/settlement/accounts/new/", {**typed, "proof": SimpleUploadedFile("证明.pdf", PDF)})
    page = refused.content.decode()
    assert refused.status_code == 422 and "8 至 30 位" in page and "原开户行撤点" in page
    typed["account_number"] = "６２１７ 0000 0000 0099"
    done = mine.post("/settlement/accounts/new/", {**typed, "proof": SimpleUploadedFile("证明.pdf", PDF)})
    assert done.status_code == 302
    with scope.opened(world.system):
        assert AccountChange.objects.get().account_number == "6217000000000099"
    assert "收款账户变更" in mine.get("/settlement/accounts/").content.decode()
