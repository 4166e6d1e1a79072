"""One human, whatever accounts, clients and resets they make, cannot move a fen.

The pairs of acts are those of settlement's own tables that need another person; each is played through the services in every
way in which one human being can seem to be two, and every balance of the ledger is compared before and after. `make test`
plays one in eight, `make walls` all."""

import pytest
from django.db import IntegrityError

from settlement.models.ledger import Balance
from settlement.models.statement import StatementLine
from settlement.queries.ledger import ledger_faults
from settlement.services.bank import bank_statement_confirm, bank_statement_import
from settlement.services.bank_lines import statement_line_assign, statement_line_propose
from settlement.services.execution import runs_execute
from settlement.services.instructions import instruction_make, instruction_return, instructions_release
from settlement.services.returns import payment_return_confirm, payment_return_propose
from settlement.services.runs import run_approve, run_prepare
from sunlight import scope
from sunlight.demo.files.bank_statement import Movement, statement
from sunlight.journal.refusals import Forbidden
from sunlight.scope import Role
from supervision.management.commands.workflows import machines
from tests.factories.settlement import confirmed, funded, instructed, owed, plan_seen, prepared
from tests.machines import mandate
from tests.oneself import WAYS, WAYS_FOR_GOOD, Oneself

FUNDS = 10**9  # fen
FINANCE, RECEIVER, SETTLER = Role.HOSPITAL_FINANCE, Role.HOSPITAL_RECEIVER, Role.OPERATOR_SETTLER
# Whose pairs move goods or rights and no fen; they are asked in tests/scope/test_oneself.py.
NO_MONEY = {"account_change"}
PAIRS = {
    f"{machine.name}.{move.name}<{duty.act}": move
    for module, machine in machines()
    if module.startswith("settlement.") and machine.name not in NO_MONEY
    for move in machine.table
    for duty in move.duties
}


def do(actor, service, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=scope.now(), **facts)


def balances(world):
    with scope.opened(world.system):
        assert ledger_faults(world.platform.id) == []
        return sorted(Balance.objects.values_list("kind", "organisation_id", "debit_fen", "credit_fen"))


def paid(world):
    """A run approved and paid, by people of its own."""
    run = prepared(world, [owed(world)])
    do(world.actor("hospital", FINANCE, person="approves"), run_approve, run_id=run.id)
    runs_execute(actor=world.system, at=scope.now())
    return run


def unidentified(today):
    return statement(
        account="622700000000000007",
        number="1",
        start=today,
        end=today,
        opening_fen=FUNDS,
        movements=[Movement(today, 700, "谁也不是", "9", "?")],
    )


def line_of(world):
    with scope.opened(world.system):
        return StatementLine.objects.latest("id")


def _take_in(world, first, second):
    payable = owed(world, accepted_by=first)
    return lambda: do(second, run_prepare, payable_ids=[payable.id])


def _take_part(world, first, second):
    payable = owed(world, accepted_by=first)
    amounts = [{"payable": payable.id, "amount": "1.00"}]
    return lambda: do(second, run_prepare, payable_ids=[payable.id], amounts=amounts)


def _approve_prepared(world, first, second):
    run = do(first, run_prepare, payable_ids=[owed(world).id])
    return lambda: do(second, run_approve, run_id=run.id)


def _approve_accepted(world, first, second):
    run = prepared(world, [owed(world, accepted_by=first)], person="prepares")
    return lambda: do(second, run_approve, run_id=run.id)


def _confirm_statement(world, first, second):
    taken = do(first, bank_statement_import, name="a.csv", content=unidentified(scope.today()))
    digest = plan_seen_by(world, taken)
    return lambda: do(second, bank_statement_confirm, statement_id=taken.id, digest=digest)


def plan_seen_by(world, taken):
    reader = world.actor("operator", SETTLER, person="reads")
    with scope.opened(reader):
        return plan_seen(reader, taken)


def _assign_proposed(world, first, second):
    confirmed(world, unidentified(scope.today()))
    line = line_of(world)
    do(first, statement_line_propose, line_id=line.id, organisation_id=world.hospital.id, reason="电话确认")
    return lambda: do(second, statement_line_assign, line_id=line.id, reason="回单 7")


def _assign_imported(world, first, second):
    taken = do(first, bank_statement_import, name="a.csv", content=unidentified(scope.today()))
    digest = plan_seen_by(world, taken)
    do(world.actor("operator", SETTLER, person="c"), bank_statement_confirm, statement_id=taken.id, digest=digest)
    line, proposes = line_of(world), world.actor("operator", SETTLER, person="proposes")
    do(proposes, statement_line_propose, line_id=line.id, organisation_id=world.hospital.id, reason="电话确认")
    return lambda: do(second, statement_line_assign, line_id=line.id, reason="回单 7")


def _release_made(world, first, second):
    batch = do(first, instruction_make, run_id=paid(world).id)
    return lambda: do(second, instructions_release, hashes={batch.id: batch.sha256})


def _return_released(world, first, second):
    makes = world.actor("operator", SETTLER, person="makes")
    batch = do(makes, instruction_make, run_id=paid(world).id)
    with scope.opened(world.system):
        # As if released by whoever the way says; a machine never releases.
        type(batch).objects.filter(pk=batch.pk).update(
            state="RELEASED", released_at=scope.now(), **scope.by(first, "released")
        )
    return lambda: do(second, instruction_return, batch_id=batch.id, reason="银行通知退回")


def _confirm_return(world, first, second):
    run = paid(world)
    instructed(world, run)
    with scope.opened(world.system):
        payment = run.payments.get()
    found = do(first, payment_return_propose, payment_id=payment.id, reason="退票通知 3")
    return lambda: do(second, payment_return_confirm, return_id=found.id)


# pair: the roles of the two acts, and how it is played up to the second.
PLAYED = {
    "payable.take_in<accept": (RECEIVER, FINANCE, _take_in),
    "payable.take_part<accept": (RECEIVER, FINANCE, _take_part),
    "payment_run.approve<prepare": (FINANCE, FINANCE, _approve_prepared),
    "payment_run.approve<accept": (RECEIVER, FINANCE, _approve_accepted),
    "bank_statement.confirm<import": (SETTLER, SETTLER, _confirm_statement),
    "statement_line.assign<propose": (SETTLER, SETTLER, _assign_proposed),
    "statement_line.assign<import": (SETTLER, SETTLER, _assign_imported),
    "instruction.release<make": (SETTLER, SETTLER, _release_made),
    "instruction.return_all<release": (SETTLER, SETTLER, _return_released),
    "payment_return.confirm<propose": (SETTLER, SETTLER, _confirm_return),
}


def test_every_pair_of_the_money_services_is_played():
    assert set(PLAYED) == set(PAIRS), "say how the new pair is played"


CASES = [(pair, name) for pair, move in PAIRS.items() for name in (WAYS_FOR_GOOD if move.in_person else WAYS)]


@pytest.mark.parametrize(("pair", "name"), CASES)
def test_one_human_moves_no_fen(world, pair, name, sampled):
    if not sampled(pair, name, of=8):
        return
    first_role, second_role, play = PLAYED[pair]
    me = Oneself(world, "operator" if second_role == SETTLER else "hospital")
    funded(world, FUNDS)
    try:
        first, second = WAYS_FOR_GOOD[name](me, first_role, second_role)
    except IntegrityError as broken:
        # The database itself lets no human being hold both roles of the pair.
        assert "roles that do not go together" in str(broken)
        return
    machine, _, move = pair.partition("<")[0].partition(".")
    if second.is_machine and PAIRS[pair].mandate:
        mandate(world, second, machine, move)
    act = play(world, first, second)
    before = balances(world)
    with pytest.raises(Forbidden):
        act()
    runs_execute(actor=world.system, at=scope.now())
    assert balances(world) == before
