"""Refusals: what a service raises when it may not or will not do what was asked.

A refusal names what was refused, why, by which rule, and what to do next, in Chinese. The kinds differ only in how a
face answers: not there (404), not allowed (403), not now (409), not like this (422).
"""

from collections.abc import Iterable
from typing import Any

from sunlight.kernel.policy import Value
from sunlight.kernel.reading import Unreadable
from sunlight.kernel.rule import DRAFT_MARK, Effect, Reason, drafts_loaded, newer_prevailed

# What a refusal rests on: dated values of the policy (`law.basis(key)`), or a rule's reasons. Never a bare id: what is not
# in force here and today is no reason.
Basis = Value | Reason | Iterable[Value | Reason]


class Refused(Exception):
    """An act refused by rule or by state. `basis` is what it rests on (`Basis`), `reasons` are the rule service's as it
    answers them; `field` points into the input."""

    kind = "refused"

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str = "",
        basis: Basis = (),
        facts: dict[str, Any] | None = None,
        reasons: list[dict] | None = None,
        decision: dict | None = None,
        subject: tuple[str, int] | None = None,
        items: list[dict] | None = None,
    ):
        # A message may repeat what was typed, and no database keeps a NUL.
        message = message.replace("\x00", "")
        given = [basis] if isinstance(basis, Value | Reason) else list(basis)
        stated = [_reason(each, code, message) for each in given]
        message = marked(message, stated)
        super().__init__(message)
        self.code, self.message, self.field = code, message, field
        self.facts, self.decision, self.subject = facts or {}, decision, subject
        self.items = items or []
        self.reasons = reasons or [*(each.to_dict() for each in stated), *_asides(given)]

    @property
    def on_record(self) -> bool:
        """Whether it is kept for the authorities: it rests on a clause or a rule's decision, or (`Forbidden`, `NotThere`) on a
        right. A slip of typing, a question asked again or a row changed meanwhile is answered and forgotten."""
        return bool(self.reasons or self.decision)

    @property
    def clauses(self) -> list[str]:
        """The clauses that refused, in the order given."""
        return [r["clause"] for r in self.reasons if r.get("effect") in ("refuse", "flag")]


def reasons_by(basis: Iterable[Value], code: str, message: str) -> list[dict]:
    """The reasons of a refusal by dated values, as a rule answers them; none where no text asks."""
    given = list(basis)
    return [*(_reason(each, code, message).to_dict() for each in given), *_asides(given)]


def _asides(given: Iterable[Value | Reason]) -> list[dict]:
    values = [value for value in given if isinstance(value, Value)]
    return [each.to_dict() for each in (*newer_prevailed(values), *drafts_loaded(values))]


def marked(message: str, basis: Iterable[Value | Reason]) -> str:
    """A message that says of the drafts it rests on that they are drafts (A1)."""
    refusing = (each for each in basis if isinstance(each, Value) or each.effect != Effect.INFO)
    drafts = "、".join(each.clause for each in refusing if each.status == "draft")
    return f"{message}（依据 {drafts}，{DRAFT_MARK}）" if drafts and DRAFT_MARK not in message else message


def _reason(basis: Value | Reason, code: str, message: str) -> Reason:
    if isinstance(basis, Reason):
        return basis
    return Reason.of(basis, Effect.REFUSE, code, message.rstrip("。"))


class NotThere(Refused):
    """Does not exist, or is not yours: nobody can tell which."""

    kind = "not_there"
    on_record = True

    def __init__(self, noun: str, **more):
        super().__init__("not_found", f"没有找到{noun}，或者您无权查看。请从列表中重新选择。", **more)


class Forbidden(Refused):
    kind = "forbidden"
    on_record = True


class Conflict(Refused):
    kind = "conflict"


class NotYourPost(Conflict):
    """A move that is open, to people of another post."""

    on_record = True


class Invalid(Refused):
    kind = "invalid"


def invalid_of(fault: Unreadable) -> Invalid:
    """What typed input that cannot be read amounts to for the user; all its faults are among the items."""
    return Invalid(fault.code, fault.message, field=fault.field, basis=fault.basis, items=fault.items)


def same_version(stands: int, seen: int | None) -> None:
    """Raises Conflict where a row has changed since it was looked at; `seen` None where the asker does not say."""
    if seen is not None and seen != stands:
        raise Conflict(
            "changed_meanwhile", "这条记录在您查看之后已有变化（或已办理）。请按最新内容重新核对。", field="version"
        )


def refused_by(decision, *, subject: tuple[str, int] | None = None, way_out: str = "") -> Refused:
    """The refusal that a rule's `Decision` amounts to: its refusing reasons' messages, then the way out."""
    answer = decision.record()
    refusing = [r for r in answer["reasons"] if r["effect"] == "refuse"]
    message = "；".join(r["message"] for r in refusing) or "规则不允许此操作"
    return Refused(
        refusing[0]["code"] if refusing else "refused_by_rule",
        f"{message}{'。' if not message.endswith('。') else ''}{way_out}",
        reasons=answer["reasons"],
        decision=answer,
        facts=answer.get("facts") or {},
        subject=subject,
    )
