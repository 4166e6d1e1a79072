"""裁定说明书: the statement of reasons of one decision or refusal, as it is kept and sealed, with a number."""

from typing import Any

from sunlight.journal.declared import SUBJECTS
from sunlight.journal.models import Decision, Refusal, Seal
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor
from sunlight.tenancy.models import Platform
from supervision.queries.decisions import answer_of, clause, explained, reasons_explained
from supervision.queries.refusals import readable
from supervision.queries.trace import may_trace, number_of, trace, who_did_it

# Kind in the address → model, and the letter of its number.
KINDS = {"decision": (Decision, "D"), "refusal": (Refusal, "R")}


def statement_of(actor: Actor, kind: str, record_id: int) -> dict[str, Any]:
    """What the statement says: number, who asked for what when, the verdict, reasons, whole evidence, values, the clauses'
    words and the seal, where the actor sees it. Raises NotThere where there is none, or none for this actor."""
    model, letter = KINDS.get(kind, (None, ""))
    if model is None:
        raise NotThere("这份说明书")
    rows = model.objects.filter(pk=record_id)
    if kind == "refusal":
        rows = rows.filter(readable(actor))
    row = rows.first()
    if row is None or (kind == "decision" and not may_trace(actor, row.subject_type)):
        raise NotThere("这份说明书")
    answer = answer_of(row) if kind == "decision" else row.decision
    body = explained(answer) if answer else None
    reasons = body["reasons"] if body else reasons_explained(row.reasons)
    sources = [used["source"] for used in body["parameters"]] if body else []
    platform = Platform.objects.get(id=row.platform_id)
    return {
        "number": f"{platform.code.upper()}-{letter}-{row.pk:08d}",
        "platform": platform,
        "row": row,
        "who": who_did_it(row),
        "is_refusal": kind == "refusal",
        "subject": SUBJECTS[row.subject_type].words if row.subject_type in SUBJECTS else "",
        "subject_number": _number(actor, row),
        "body": body,
        "reasons": reasons,
        "law": [clause(each) for each in dict.fromkeys([*(reason["clause"] for reason in reasons), *sources])],
        # A party does not read the seals.
        "seal": None if actor.is_party else Seal.objects.filter(**{kind: row}).first(),
    }


def _number(actor: Actor, row: Decision | Refusal) -> str:
    """By what number people know the row it is about."""
    if not row.subject_type or not may_trace(actor, row.subject_type):
        return ""
    return number_of(trace(actor, row.subject_type, row.subject_id))
