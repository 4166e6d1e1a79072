"""Many payments a payable: a part at a time, never more than what is open."""

from datetime import date

import pytest

from settlement.models.payment import Payable
from settlement.queries.invoices import access_payable
from settlement.queries.statements import statement_of
from settlement.services.reminders import payables_remind
from settlement.services.runs import run_prepare
from sunlight import scope
from sunlight.journal.models import Event
from sunlight.journal.refusals import Forbidden, Invalid, NotThere
from sunlight.scope import Role
from tests.factories import catalog
from tests.factories.settlement import funded, owed
from tests.settlement.test_services_ledger import held
from tests.settlement.test_services_payments import approve, cashier, reject, sound, states


def part(world, payable, amount, *, person="", more=()):
    actor = cashier(world, person)
    with scope.opened(actor):
        return run_prepare(
            actor=actor,
            at=scope.now(),
            payable_ids=[payable.id, *(each.id for each in more)],
            amounts=[{"payable": payable.id, "amount": amount}],
        )


def fens(world, payable):
    """Open, waiting in runs, paid, netted, reddened."""
    with scope.opened(world.system):
        row = access_payable(world.system, payable.id)
        return row.open_fen, row.waiting_fen, row.paid_fen, row.netted_fen, row.reddened_fen


def test_a_payable_is_paid_in_parts_until_nothing_is_open(world):
    payable = owed(world)  # 1 250.00
    funded(world, 200_000)
    first = part(world, payable, "500.00")
    assert (first.total_fen, first.payment_count) == (50_000, 1)
    assert states(world) == (["PREPARED"], ["PENDING"], ["OPEN"])
    assert fens(world, payable) == (75_000, 50_000, 0, 0, 0)
    second = part(world, payable, "749.99", person="second")
    assert fens(world, payable) == (1, 124_999, 0, 0, 0)
    approve(world, first)
    assert states(world)[2] == ["OPEN"] and fens(world, payable) == (1, 74_999, 50_000, 0, 0)
    last = part(world, payable, "0.01")
    assert states(world)[2] == ["IN_RUN"]
    approve(world, last)
    assert states(world)[2] == ["IN_RUN"], "a part still waits in the second run"
    approve(world, second, person="third")
    assert states(world) == (["DONE"] * 3, ["PAID"] * 3, ["PAID"])
    assert fens(world, payable) == (0, 0, 125_000, 0, 0)
    assert held(world, "DEPOSIT", "hospital") == 75_000 and held(world, "CLEARING", "distributor") == 125_000
    assert sound(world)
    with scope.opened(world.system):
        made = list(
            Event.objects.filter(name="payment_made").order_by("id").values_list("payload__open_fen", flat=True)
        )
    assert made == [1, 0, 0]


def test_a_rejected_part_is_open_again_and_the_others_stay(world):
    payable = owed(world)
    funded(world, 200_000)
    approve(world, part(world, payable, "500"))
    reject(world, part(world, payable, "750.00"))
    assert states(world) == (["DONE", "REJECTED"], ["PAID", "CANCELLED"], ["OPEN"])
    assert fens(world, payable) == (75_000, 0, 50_000, 0, 0)
    assert sound(world)


@pytest.mark.parametrize(
    ("amount", "code", "said"),
    [
        ("1250.01", "amount_above_open", "未付 1,250.00 元，本次付款 1,250.01 元超出。请填写不超过 1,250.00 元的数。"),
        ("0", "amount_zero", "金额必须大于 0"),
        ("0.00", "amount_zero", "金额必须大于 0"),
        ("-1", "amount_malformed", "不是数字"),
        ("1.001", "amount_too_many_decimals", "最多 2 位小数"),
        ("", "amount_malformed", "不是数字"),
        ("1e3", "amount_malformed", "不是数字"),
        ("99999999999999", "amount_too_large", "金额不得大于"),
    ],
)
def test_a_wrong_amount_is_refused_and_nothing_changes(world, amount, code, said):
    payable = owed(world)
    with pytest.raises(Invalid) as refused:
        part(world, payable, amount)
    assert (refused.value.code, refused.value.field) == (code, "amounts[0].amount")
    assert said in refused.value.message
    assert states(world) == ([], [], ["OPEN"]) and fens(world, payable) == (125_000, 0, 0, 0, 0)


def test_every_wrong_amount_is_named_at_once(world):
    listing = catalog.listed(world)
    one, two = owed(world, listing=listing), owed(world, listing=listing)
    actor = cashier(world)
    typed = [(one, "0"), (two, "9999"), (two, "1"), (owed(world, listing=listing), "1")]
    amounts = [{"payable": row.id, "amount": amount} for row, amount in typed]
    with scope.opened(actor), pytest.raises(Invalid) as refused:
        run_prepare(actor=actor, at=scope.now(), payable_ids=[one.id, two.id], amounts=amounts)
    assert [(each["field"], each["code"]) for each in refused.value.items] == [
        ("amounts[0].amount", "amount_zero"),
        ("amounts[1].amount", "amount_above_open"),
        ("amounts[2].payable", "amount_of_no_payable"),
        ("amounts[3].payable", "amount_of_no_payable"),
    ]
    assert states(world) == ([], [], ["OPEN"] * 3)


@pytest.mark.duty("payable", "take_part", "accept")
def test_who_accepted_the_goods_pays_no_part_of_them(world):
    payable = owed(world, accepted_by=cashier(world))
    with pytest.raises(Forbidden) as refused:
        part(world, payable, "1.00")
    assert refused.value.code == "accept_and_pay"
    assert states(world) == ([], [], ["OPEN"])


@pytest.mark.clause("SZ20-6.2b", on="rule")
def test_what_is_open_stays_late_and_reminders_count_what_is_unpaid(world):
    payable = owed(world, accepted_on=date(2026, 1, 5))
    funded(world, 200_000)
    approve(world, part(world, payable, "500.00"))
    part(world, payable, "50.00")
    with scope.opened(world.system):
        payables_remind(actor=world.system, at=scope.now())
        (late,) = Event.objects.filter(name="payment_overdue")
        assert (late.payload["amount_fen"], late.payload["unpaid_fen"]) == (125_000, 75_000)
        assert Event.objects.get(name="payments_overdue").payload["amount_fen"] == 75_000
        row = Payable.objects.get(pk=payable.id)
        assert (row.due_on, row.paid_at) == (payable.due_on, None)


def test_a_monthly_statement_shows_what_is_left(world):
    payable = owed(world)
    funded(world, 200_000)
    approve(world, part(world, payable, "500.00"))
    actor = cashier(world)
    with scope.opened(actor):
        found = statement_of(actor, f"{scope.today():%Y-%m}", scope.now())
    summary = {row.label: (row.count, row.fen) for row in found.summary}
    assert summary["月末未付"] == (1, 75_000) and summary["本月付款"] == (1, 50_000)
    assert summary["本月匹配发票"] == (1, 125_000)


def test_a_stranger_names_no_part_of_it(world):
    payable = owed(world)
    stranger = world.actor("other_hospital", Role.HOSPITAL_FINANCE)
    amounts = [{"payable": payable.id, "amount": "1"}]
    with scope.opened(stranger), pytest.raises(NotThere):
        run_prepare(actor=stranger, at=scope.now(), payable_ids=[payable.id], amounts=amounts)
    assert states(world) == ([], [], ["OPEN"])
