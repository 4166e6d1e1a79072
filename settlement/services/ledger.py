"""Double entry for the supervised account. Every movement of money goes through `entries_post`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from settlement.events import ENTRY_REVERSED
from settlement.models.ledger import Account, Balance, Entry, Leg
from settlement.queries.ledger import available_fen
from settlement.workflows.states import SUPERVISED, AccountKind
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, NotThere
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import fen_text
from sunlight.numbering import platform_numbers
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date

DEBIT, CREDIT = "DEBIT", "CREDIT"
BANK, DEPOSIT, CLEARING, UNIDENTIFIED = AccountKind
# Entries that rest on the bank's books or on money sent are not reversed by hand.
LONGEST_MEMO = 300
FINAL_PURPOSES = frozenset({"receive", "pay", "settle", "return", "reverse"})


@dataclass(frozen=True)
class Side:
    """One leg of a movement: `kind` of account, whose it is (None for the platform's own), side and amount in fen."""

    kind: str
    organisation_id: int | None
    side: str
    fen: int


def debit(kind: str, fen: int, organisation_id: int | None = None) -> Side:
    return Side(kind, organisation_id, DEBIT, fen)


def credit(kind: str, fen: int, organisation_id: int | None = None) -> Side:
    return Side(kind, organisation_id, CREDIT, fen)


@dataclass(frozen=True)
class Posting:
    """A movement to be entered: what it comes from and its purpose (together unique), its legs and its business day."""

    source: str
    purpose: str
    legs: Sequence[Side]
    occurred_on: date
    memo: str = ""
    reverses_id: int | None = None


@service
def entry_post(
    *,
    actor: Actor,
    at: datetime,
    source: str,
    purpose: str,
    legs: Sequence[Side],
    occurred_on: date,
    memo: str = "",
    reverses_id: int | None = None,
) -> Entry:
    """Enter one movement, on the actor's behalf; the same (source, purpose) again returns the first entry.
    Raises Conflict where an account would fall below zero or the first entry moved something else."""
    posting = Posting(source, purpose, tuple(legs), occurred_on, memo, reverses_id)
    return entries_post(actor=actor, at=at, postings=[posting])[0]


@service
def entries_post(*, actor: Actor, at: datetime, postings: Sequence[Posting]) -> list[Entry]:
    """Enter several movements of one platform at once, in a number of statements that does not grow with them; one
    entry a posting, in order. Accounts are made on demand, balances locked in id order. Raises as `entry_post`,
    ValueError for a movement whose debits and credits differ (the database would refuse it too)."""
    for posting in postings:
        _require_balanced(posting)
    with scope.elevated(actor):
        balances = _locked(actor.platform_id, {(s.kind, s.organisation_id) for p in postings for s in p.legs})
        known = _known(actor.platform_id, postings, balances)
        fresh = [p for p in postings if (p.source, p.purpose) not in known]
        if fresh:
            _move(actor, at, balances, fresh)
            known |= _insert(actor, at, fresh, balances)
            Balance.objects.bulk_update(balances.values(), ["debit_fen", "credit_fen"])
            # Checked here, while the role that may see the legs is set, not at commit.
            with connection.cursor() as cursor:
                cursor.execute("set constraints settlement_leg_balances immediate")
        return [known[p.source, p.purpose] for p in postings]


def _require_balanced(posting: Posting) -> None:
    debits = sum(leg.fen for leg in posting.legs if leg.side == DEBIT)
    credits = sum(leg.fen for leg in posting.legs if leg.side == CREDIT)
    if debits != credits or not debits or any(leg.fen <= 0 for leg in posting.legs):
        raise ValueError(f"{posting.source}/{posting.purpose}: debits {debits} fen, credits {credits} fen")


def _one_of(owners: Iterable[tuple[str, int | None]]) -> Q:
    condition = Q(pk__in=[])
    for kind, organisation_id in owners:
        condition |= Q(kind=kind, organisation_id=organisation_id)
    return condition


def _locked(platform_id: int, owners: set[tuple[str, int | None]]) -> dict[tuple[str, int | None], Balance]:
    """The balance of each account, locked in id order; account and balance are made where they do not exist yet, before
    any is locked, so that two movements never wait for each other."""
    mine = Balance.objects.filter(_one_of(owners), platform_id=platform_id)
    missing = owners - set(mine.values_list("kind", "organisation_id"))
    if missing:
        _make_accounts(platform_id, missing)
    return {(b.kind, b.organisation_id): b for b in mine.select_for_update().order_by("id")}


def lock_balance(*, actor: Actor, kind: str, organisation_id: int | None = None) -> Balance:
    """The balance of an account, made where it does not exist, locked until the transaction ends: what rests on it
    being so is decided by one at a time."""
    with scope.elevated(actor):
        return _locked(actor.platform_id, {(kind, organisation_id)})[kind, organisation_id]


def _make_accounts(platform_id: int, owners: set[tuple[str, int | None]]) -> None:
    ordered = sorted(owners, key=str)
    Account.objects.bulk_create(
        [Account(platform_id=platform_id, kind=kind, organisation_id=whose) for kind, whose in ordered],
        ignore_conflicts=True,
    )
    accounts = Account.objects.filter(_one_of(owners), platform_id=platform_id).order_by("id")
    Balance.objects.bulk_create(
        [Balance(account=a, platform_id=platform_id, organisation_id=a.organisation_id, kind=a.kind) for a in accounts],
        ignore_conflicts=True,
    )


def _known(platform_id: int, postings: Sequence[Posting], balances) -> dict[tuple[str, str], Entry]:
    """The entries that stand for some of the postings already. Raises Conflict where one moved something else."""
    sources = {p.source for p in postings}
    entries = Entry.objects.filter(platform_id=platform_id, source__in=sources).prefetch_related("legs")
    known = {(e.source, e.purpose): e for e in entries}
    for posting in postings:
        entry = known.get((posting.source, posting.purpose))
        if entry is None:
            continue
        asked = sorted((balances[s.kind, s.organisation_id].account_id, s.side, s.fen) for s in posting.legs)
        if asked != sorted((leg.account_id, leg.side, leg.amount_fen) for leg in entry.legs.all()):
            raise Conflict(
                "entry_differs",
                f"同一来源的记账凭证 {entry.number} 已存在，但金额或账户不同。请核对后重试。",
                subject=("ledger_entry", entry.id),
                facts={"source": posting.source, "purpose": posting.purpose},
            )
    return known


def _move(actor: Actor, at: datetime, balances, postings: Sequence[Posting]) -> None:
    """Add the legs to the running totals. Raises Conflict with the shortage where an account would fall below zero."""
    for side in (s for p in postings for s in p.legs):
        balance = balances[side.kind, side.organisation_id]
        if side.side == DEBIT:
            balance.debit_fen += side.fen
        else:
            balance.credit_fen += side.fen
    for balance in balances.values():
        left = available_fen(balance)
        if left < 0:
            raise Conflict(
                "balance_short",
                f"{balance.get_kind_display()}余额不足，还差 {fen_text(-left, grouped=True)} 元。请先入金，或减少本次金额。",
                facts={"account": balance.kind, "organisation": balance.organisation_id, "shortage_fen": -left},
                basis=scope.basis(actor, at, SUPERVISED),
            )


def _insert(actor: Actor, at: datetime, postings: Sequence[Posting], balances) -> dict[tuple[str, str], Entry]:
    numbers = platform_numbers(business_date(at), len(postings))
    entries = Entry.objects.bulk_create(
        Entry(
            number=number,
            platform_id=actor.platform_id,
            source=p.source,
            purpose=p.purpose,
            occurred_on=p.occurred_on,
            recorded_at=at,
            memo=p.memo[:LONGEST_MEMO],
            reverses_id=p.reverses_id,
        )
        for number, p in zip(numbers, postings, strict=True)
    )
    Leg.objects.bulk_create(
        Leg(
            entry=entry,
            account_id=balances[s.kind, s.organisation_id].account_id,
            platform_id=actor.platform_id,
            organisation_id=s.organisation_id,
            side=s.side,
            amount_fen=s.fen,
        )
        for entry, p in zip(entries, postings, strict=True)
        for s in p.legs
    )
    return {(e.source, e.purpose): e for e in entries}


@service
def entry_reverse(*, actor: Actor, at: datetime, entry_id: int, reason: str) -> Entry:
    """Enter the opposite of an entry; both stay. By the system alone: no single person takes money away. What rests on a
    bank statement or is on its way to the bank is not undone here: a payment comes back by what the bank says.
    Raises NotThere, Forbidden, Invalid without a reason, Conflict where an account would fall below zero."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_your_duty", "记账凭证不能由一个人冲正。银行退回的款项请在“银行对账”中办理。")
    reason = reading.reason(reason, label="冲正原因", most=LONGEST_MEMO)
    entry = Entry.objects.filter(platform_id=actor.platform_id, pk=entry_id).first()
    if entry is None:
        raise NotThere("记账凭证")
    if entry.purpose.partition(":")[0] in FINAL_PURPOSES:
        raise Conflict(
            "entry_not_reversible",
            f"凭证 {entry.number} 是银行入账、付款或冲正凭证，不能冲正。付款退回以银行对账单入账为准。",
            subject=("ledger_entry", entry.id),
        )
    opposite = [
        Side(leg.account.kind, leg.organisation_id, CREDIT if leg.side == DEBIT else DEBIT, leg.amount_fen)
        for leg in entry.legs.select_related("account").order_by("id")
    ]
    reversing = entry_post(
        actor=actor,
        at=at,
        source=f"entry:{entry.number}",
        purpose="reverse",
        legs=opposite,
        occurred_on=business_date(at),
        memo=reason,
        reverses_id=entry.id,
    )
    record(
        ENTRY_REVERSED,
        subject=entry.id,
        actor=actor,
        at=at,
        parties=[leg.organisation_id for leg in opposite],
        payload={"entry": entry.number, "reversed_by": reversing.number, "reason": reason},
    )
    return reversing
