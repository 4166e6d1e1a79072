"""A supplier's bank account changes by many hands: one of the firm asks, a second confirms, the operator verifies, a waiting
time runs, and everybody who owes the firm is told before the first fen goes there."""

import re
import unicodedata
from datetime import datetime
from typing import NoReturn

from settlement import events
from settlement.models.account import OPEN, AccountChange
from settlement.queries.accounts import access_change, changes_due, debtors_of, own_account
from settlement.rules.account import payee_account_starts
from settlement.workflows.account import ACCOUNT_CHANGE, FIRM
from sunlight import scope
from sunlight.files.filetypes import DOCUMENTS
from sunlight.files.services.files import file_store
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import decide, record, service
from sunlight.kernel import reading
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.tenancy.services.organisations import bank_account_replace

_ACCOUNT = re.compile(r"[0-9]{8,30}")
_SEPARATORS = re.compile(r"[\s\-‐‑–—]+")


def _account_number(typed: str) -> str:
    """The digits of an account as people write them: in groups, with hyphens, of full width."""
    typed = unicodedata.normalize("NFKC", reading.text(typed, "account_number", "银行账号", most=60))
    number = _SEPARATORS.sub("", typed)
    if not _ACCOUNT.fullmatch(number):
        raise Invalid("account_number", "银行账号应为 8 至 30 位数字，可以分组书写。", field="account_number")
    return number


@service
def account_change_ask(
    *, actor: Actor, at: datetime, bank_name: str, account_number: str, reason: str, name: str, content: bytes
) -> AccountChange:
    """Ask that the actor's firm be paid to another account, in its own name; `content` is the bank's proof, a PDF or
    picture. By its finance or administrator; a second of them confirms.

    Raises Forbidden; Invalid for what is missing or no account; Conflict where a change is under way already."""
    if not actor.has(*FIRM):
        raise Forbidden("not_your_duty", "只有企业财务或企业管理员可以申请变更收款账户。请联系本单位管理员。")
    read = reading.Collected()
    bank_name = read(reading.text, bank_name, "bank_name", "开户行", most=120)
    number = read(_account_number, account_number)
    reason = read(reading.reason, reason, label="变更原因", most=300)
    read.check()
    if AccountChange.objects.filter(
        platform_id=actor.platform_id, payee_id=actor.organisation_id, state__in=OPEN
    ).exists():
        raise Conflict("account_change_open", "已有一项收款账户变更正在办理。请先办完或撤回它。")
    former = own_account(actor)
    if former is not None and (former.bank_name, former.account_number) == (bank_name, number):
        raise Invalid("account_unchanged", "这就是现在登记的收款账户，无须变更。", field="account_number")
    proof = file_store(actor=actor, at=at, name=name, content=content, accept=DOCUMENTS)
    change = AccountChange.objects.create(
        platform_id=actor.platform_id,
        payee_id=actor.organisation_id,
        bank_name=bank_name,
        account_name=actor.organisation_name,
        account_number=number,
        former_number=former.account_number if former else "",
        reason=reason,
        proof=proof,
        state=ACCOUNT_CHANGE.initial,
        asked_at=at,
        **scope.by(actor, "asked"),
    )
    _record(events.ACCOUNT_CHANGE_ASKED, change, actor, at)
    return change


@service
def account_change_confirm(*, actor: Actor, at: datetime, change_id: int) -> AccountChange:
    """A second person of the firm stands for it. Raises NotThere, IllegalMove, Forbidden for who asked."""
    change = access_change(actor, change_id, lock=True)
    _move(change, "confirm", actor, earlier={"ask": change.asked_by})
    change.confirmed_at = at
    _save(change, "confirmed_at", *scope.stamp(change, "confirmed", actor))
    _record(events.ACCOUNT_CHANGE_CONFIRMED, change, actor, at)
    return change


@service
def account_change_approve(*, actor: Actor, at: datetime, change_id: int) -> AccountChange:
    """The operator has verified account and proof; from `starts_on` payments go there. Every hospital that owes the firm
    is told now. Raises NotThere, IllegalMove."""
    change = access_change(actor, change_id, lock=True)
    _move(change, "approve", actor)
    law = scope.law(actor, business_date(at), region=change.platform.region.code)
    decision = payee_account_starts(law, approved_on=business_date(at))
    change.starts_on = decision.outcome["starts_on"]
    decide(decision, subject=("account_change", change.id), actor=actor, at=at, parties=[change.payee_id])
    change.approved_at = at
    _save(change, "approved_at", "starts_on", *scope.stamp(change, "approved", actor))
    debtors = debtors_of(change.platform_id, change.payee_id)
    _record(events.ACCOUNT_CHANGE_APPROVED, change, actor, at, debtors=debtors)
    return change


@service
def account_change_refuse(*, actor: Actor, at: datetime, change_id: int, reason: str) -> AccountChange:
    """The operator does not take the account, also while it waits. Raises NotThere, IllegalMove, Invalid."""
    return _end(actor, at, change_id, "refuse", reason, "不予变更的原因", events.ACCOUNT_CHANGE_REFUSED)


@service
def account_change_withdraw(*, actor: Actor, at: datetime, change_id: int, reason: str) -> AccountChange:
    """Anybody of the firm's finance and administrators may stop a change that is not in force. Raises NotThere,
    IllegalMove, Invalid."""
    return _end(actor, at, change_id, "withdraw", reason, "撤回的原因", events.ACCOUNT_CHANGE_WITHDRAWN)


@service
def account_change_take_effect(*, actor: Actor, at: datetime, change_id: int) -> AccountChange:
    """From now on runs are prepared to the new account. By the system on `starts_on`. Raises NotThere, IllegalMove."""
    change = access_change(actor, change_id, lock=True)
    if change.starts_on is None or change.starts_on > business_date(at):
        _not_yet(change)
    _move(change, "take_effect", actor)
    change.ended_at = at
    _save(change, "ended_at", *scope.stamp(change, "ended", actor))
    bank_account_replace(
        actor=actor,
        at=at,
        platform_id=change.platform_id,
        organisation_id=change.payee_id,
        bank_name=change.bank_name,
        account_name=change.account_name,
        account_number=change.account_number,
    )
    _record(events.ACCOUNT_CHANGE_IN_FORCE, change, actor, at, debtors=debtors_of(change.platform_id, change.payee_id))
    return change


def account_changes_take_effect(*, actor: Actor, at: datetime) -> int:
    """Put every change in force whose day has come; how many. By the system, in its own scope."""
    due = changes_due(actor.platform_id, business_date(at))
    for change_id in due:
        account_change_take_effect(actor=actor, at=at, change_id=change_id)
    return len(due)


def _not_yet(change: AccountChange) -> NoReturn:
    raise Conflict("account_not_yet", f"新的收款账户自 {change.starts_on or '平台核实后'} 起启用，现在还不能使用。")


def _end(
    actor: Actor, at: datetime, change_id: int, move: str, reason: str, label: str, event: EventType
) -> AccountChange:
    change = access_change(actor, change_id, lock=True)
    _move(change, move, actor)
    change.end_reason, change.ended_at = reading.reason(reason, label=label, most=300), at
    _save(change, "end_reason", "ended_at", *scope.stamp(change, "ended", actor))
    _record(event, change, actor, at)
    return change


def _move(change: AccountChange, move: str, actor: Actor, earlier=None) -> None:
    subject = ("account_change", change.pk)
    change.state = moved(ACCOUNT_CHANGE, change.state, move, actor, earlier=earlier, subject=subject)


def _save(change: AccountChange, *columns: str) -> None:
    change.version += 1
    change.save(update_fields=["state", *columns, "version"])


def _record(event: EventType, change: AccountChange, actor: Actor, at: datetime, **more) -> None:
    payload = {
        "payee": change.payee_id,
        "bank_name": change.bank_name,
        "account_name": change.account_name,
        "account_number": change.account_number,
        "former_number": change.former_number,
        "reason": change.reason,
        "proof": change.proof_id,
        "starts_on": change.starts_on,
        "end_reason": change.end_reason,
        "state": change.state,
        **more,
    }
    record(
        event,
        subject=change.id,
        actor=actor,
        at=at,
        version=change.version,
        parties=[change.payee_id],
        payload=payload,
    )
