"""What the bank is told: made by one, released by another, unchanged, and not twice without a reason."""

import hashlib
import json

import pytest

from settlement.models.instruction import InstructionBatch, InstructionExport
from settlement.models.payment import Payment
from settlement.services.instructions import (
    instruction_acknowledge,
    instruction_cancel,
    instruction_export,
    instruction_make,
    instruction_return,
    instructions_release,
)
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from tests.factories.settlement import funded, instructed, owed, prepared
from tests.settlement.test_services_payments import approve, rows


@pytest.fixture
def first(world):
    return world.actor("operator", Role.OPERATOR_SETTLER)


@pytest.fixture
def second(world):
    return world.actor("operator", Role.OPERATOR_SETTLER, person="second")


@pytest.fixture
def run(world):
    funded(world, 250_000)
    run = prepared(world, [owed(world), owed(world)])
    approve(world, run)
    return run


def does(actor, service, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), **facts)


@pytest.mark.clause("SZ20-5.3.4", on="rule")
@pytest.mark.duty("instruction", "release", "make")
def test_one_makes_another_releases_and_only_then_a_file_goes_out(world, first, second, run):
    batch = does(first, instruction_make, run_id=run.id)
    assert (batch.state, batch.total_fen, batch.payment_count, len(batch.sha256)) == ("MADE", 250_000, 2, 64)
    with pytest.raises(Conflict) as refused:
        does(first, instruction_make, run_id=run.id)
    assert refused.value.code == "nothing_to_instruct"
    for actor in (first, second):
        with pytest.raises(Conflict) as refused:
            does(actor, instruction_export, batch_id=batch.id)
        assert refused.value.code == "instruction_not_released"
    with pytest.raises(Forbidden) as refused:
        does(first, instructions_release, hashes={batch.id: batch.sha256})
    assert refused.value.code == "four_eyes"
    with pytest.raises(Conflict) as refused:
        does(second, instructions_release, hashes={batch.id: "0" * 64})
    assert refused.value.code == "instruction_differs"
    (batch,) = does(second, instructions_release, hashes={batch.id: batch.sha256})
    assert (batch.state, batch.released_by) == ("RELEASED", second.acting)
    sheet = does(first, instruction_export, batch_id=batch.id)
    lines = sheet.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "平台付款编号,收款户名,收款开户行,收款账号,金额（元）,附言" and len(lines) == 3
    assert "622700000000000005,1250.00" in lines[1]


def test_a_second_export_needs_a_new_reason_and_is_counted(world, first, second, run):
    batch = instructed(world, run)
    for reason in ("", "  "):
        with pytest.raises(Invalid) as refused:
            does(first, instruction_export, batch_id=batch.id, reason=reason)
        assert refused.value.code == "reason_missing" and "第 2 次导出的原因" in refused.value.message
    does(first, instruction_export, batch_id=batch.id, reason="文件损坏，银行未收")
    kept = rows(world, InstructionExport)
    assert [(e.count, e.reason, e.exported_by) for e in kept] == [
        (1, "", second.acting),
        (2, "文件损坏，银行未收", first.acting),
    ]
    assert rows(world, InstructionBatch)[0].export_count == 2
    with scope.opened(world.system):
        assert [
            e.payload["export_count"] for e in Event.objects.filter(name="instruction_exported").order_by("id")
        ] == [1, 2]


def test_the_hash_is_over_what_the_bank_acts_on_and_the_hospital_reads_it(world, run):
    batch = instructed(world, run)
    lines = [
        {
            "number": p.number,
            "payee": p.payee_account_name,
            "bank": p.payee_bank_name,
            "bank_code": "",
            "account": p.payee_account_number,
            "fen": p.amount_fen,
            "purpose": p.purpose,
        }
        for p in rows(world, Payment)
    ]
    content = {
        "form": "sunlight-instruction/1",
        "currency": "CNY",
        "number": batch.number,
        "payer_name": batch.payer_name,
        "payer_bank_name": batch.payer_bank_name,
        "payer_bank_code": "",
        "payer_account": "622700000000000007",
        "total_fen": 250_000,
        "lines": lines,
    }
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    hospital = world.actor("hospital", Role.HOSPITAL_FINANCE)
    with scope.opened(hospital):
        assert InstructionBatch.objects.get().sha256 == hashlib.sha256(said.encode()).hexdigest()
    other = world.actor("other_hospital", Role.HOSPITAL_FINANCE)
    with scope.opened(other):
        assert not InstructionBatch.objects.exists()


@pytest.mark.parametrize("state", ["MADE", "RELEASED"])
def test_a_payee_account_changed_behind_the_batch_stops_it(world, first, second, run, state):
    batch = does(first, instruction_make, run_id=run.id)
    if state == "RELEASED":
        does(second, instructions_release, hashes={batch.id: batch.sha256})
    with scope.opened(world.system):
        Payment.objects.filter(run=run).update(payee_account_number="666")
    with pytest.raises(Conflict) as refused:
        if state == "MADE":
            does(second, instructions_release, hashes={batch.id: batch.sha256})
        else:
            does(second, instruction_export, batch_id=batch.id)
    assert refused.value.code == "instruction_changed"
    assert not rows(world, InstructionExport)


def test_a_cancelled_batch_lets_its_payments_go(world, first, second, run):
    batch = does(first, instruction_make, run_id=run.id)
    with pytest.raises(Invalid):
        does(first, instruction_cancel, batch_id=batch.id, reason=" ")
    does(first, instruction_cancel, batch_id=batch.id, reason="账户待核")
    again = does(first, instruction_make, run_id=run.id)
    assert again.number != batch.number and again.payment_count == 2
    with pytest.raises(Conflict):
        does(second, instructions_release, hashes={batch.id: batch.sha256})


@pytest.mark.duty("instruction", "return_all", "release")
def test_a_batch_the_bank_returned_is_instructed_again_by_another_than_released_it(world, first, second, run):
    batch = instructed(world, run)
    with pytest.raises(Forbidden) as refused:
        does(second, instruction_return, batch_id=batch.id, reason="银行退票 1")
    assert refused.value.code == "four_eyes"
    does(first, instruction_return, batch_id=batch.id, reason="银行退票 1")
    again = instructed(world, run)
    assert again.payment_count == 2
    assert [b.state for b in rows(world, InstructionBatch)] == ["RETURNED", "RELEASED"]


def test_a_batch_of_which_something_was_paid_is_not_returned_as_a_whole(world, first, run):
    batch = instructed(world, run)
    with scope.opened(world.system):
        Payment.objects.filter(pk=rows(world, Payment)[0].pk).update(state="SETTLED", settled_on=scope.today())
    with pytest.raises(Conflict) as refused:
        does(first, instruction_return, batch_id=batch.id, reason="银行退票 1")
    assert refused.value.code == "instruction_paid_in_part"


def test_the_bank_acknowledges_what_went_out(world, first, second, run):
    batch = instructed(world, run, exported=False)
    with pytest.raises(Conflict) as refused:
        does(first, instruction_acknowledge, batch_id=batch.id, bank_reference="B1")
    assert refused.value.code == "instruction_not_out"
    does(first, instruction_export, batch_id=batch.id)
    batch = does(first, instruction_acknowledge, batch_id=batch.id, bank_reference="B1")
    assert (batch.state, batch.bank_reference) == ("ACKNOWLEDGED", "B1")


def test_parties_instruct_nothing(world, run):
    hospital = world.actor("hospital", Role.HOSPITAL_FINANCE)
    batch = instructed(world, run)
    for service, facts in (
        (instruction_make, {"run_id": run.id}),
        (instructions_release, {"hashes": {batch.id: batch.sha256}}),
        (instruction_export, {"batch_id": batch.id}),
    ):
        with pytest.raises(Forbidden):
            does(hospital, service, **facts)
    with pytest.raises(NotThere):
        does(world.actor("operator", Role.OPERATOR_SETTLER), instruction_export, batch_id=0)
