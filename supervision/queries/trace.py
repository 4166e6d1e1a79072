"""The decision trace of any row: what happened to it, which rule allowed or refused it, on which facts and values."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from catalog.queries.listings import access_listing
from sunlight import scope
from sunlight.journal.declared import SUBJECTS
from sunlight.journal.models import Decision, Event, Refusal, Seal
from sunlight.journal.refusals import Forbidden, NotThere
from sunlight.kernel.rule import REGISTRY
from sunlight.scope import Actor
from sunlight.scope.readers import may_read
from supervision.queries.decisions import answer_of, explained, reasons_explained
from supervision.queries.refusals import readable
from supervision.queries.words import covered, recorded


@dataclass(frozen=True)
class Step:
    """One line of a trace, newest last."""

    kind: str
    at: datetime
    title: str
    who: str
    body: Any
    sealed: int | None = None

    @property
    def contents(self) -> list[tuple[str, object]]:
        """What an event recorded, under words for people."""
        return recorded(self.body.payload, self.body.name)


def traced() -> dict[str, str]:
    """What may be traced: subject type → its words."""
    return {each.name: each.words for each in SUBJECTS.values() if each.has_trace}


def may_trace(actor: Actor, subject_type: str) -> bool:
    """Whether the actor reads the page that shows such a row: nobody learns more from its trace than from there."""
    return subject_type in traced() and may_read(actor, SUBJECTS[subject_type].noun)


def trace(actor: Actor, subject_type: str, subject_id: int) -> list[Step]:
    """Events, decisions and refusals of a row in order of time, as far as the wall shows them to `actor`; of a listing
    that anybody on the platform may see, what happened to it and by which rule, without the records' contents.
    Raises Forbidden for who may not read the page of such a row, NotThere where the wall shows none: no such row, or not
    yours."""
    if subject_type in traced() and not may_trace(actor, subject_type):
        words = traced()[subject_type]
        raise Forbidden(
            "not_your_duty", f"您的岗位不能查看{words}，也不能查看它的依据。如需要，请联系本单位管理员调整岗位。"
        )
    where = {"subject_type": subject_type, "subject_id": subject_id}
    steps = _steps(actor, where)
    if not steps and subject_type == "listing":
        steps = _public_listing(actor, where)
    if not steps or subject_type not in traced():
        raise NotThere(traced().get(subject_type, "该单据"))
    order = {"decision": 0, "refusal": 1, "event": 2}
    return sorted(steps, key=lambda s: (s.at, order[s.kind], s.body.pk if hasattr(s.body, "pk") else 0))


def _public_listing(actor: Actor, where: dict) -> list[Step]:
    """Why a listed product is listed, for those who may buy it, on whichever platform it was reviewed (GD25-2.2b): its moves
    and rules, no refusals, no contents."""
    listing = access_listing(actor, where["subject_id"])
    with scope.elevated(replace(actor, platform_ids=(listing.platform_id,))):
        steps = [step for step in _steps(actor, where) if step.kind != "refusal"]
    for step in steps:
        if step.kind == "event":
            step.body.payload = {}
    return steps


def _steps(actor: Actor, where: dict) -> list[Step]:
    events = list(Event.objects.filter(**where).order_by("id"))
    seals = {}
    if not actor.is_party:
        seals = dict(Seal.objects.filter(event__in=events).values_list("event_id", "sequence"))
    for each in events:
        each.payload = covered(each.payload, actor, each.name)
    steps = [Step("event", e.occurred_at, e.name, who_did_it(e), e, seals.get(e.id)) for e in events]
    steps += [
        Step("decision", d.occurred_at, _rule_title(d.rule), who_did_it(d), {**explained(answer_of(d)), "id": d.pk})
        for d in Decision.objects.filter(**where)
    ]
    steps += [
        Step("refusal", r.occurred_at, r.message, who_did_it(r), refused(r))
        for r in Refusal.objects.filter(readable(actor), **where)
    ]
    return steps


def refused(refusal: Refusal) -> dict:
    """A refusal as its step shows it: all that an allowed one shows, where a rule refused; else its message and reasons."""
    shown = explained(refusal.decision) if refusal.decision else {}
    return {"row": refusal, "reasons": reasons_explained(refusal.reasons), "decision": shown, "id": refusal.pk}


def number_of(steps: list[Step]) -> str:
    """The number by which people know a traced row, from its events; "" if it has none."""
    told = (step.body.payload.get("number") for step in steps if step.kind == "event")
    return next((number for number in told if isinstance(number, str)), "")


def related(actor: Actor, steps: list[Step]) -> list[tuple[str, str, int, str]]:
    """(subject type, label, id, number) of the other rows that the events name and whose trace the actor may read too."""
    found: dict[tuple[str, int], None] = {}
    own = {(s.body.subject_type, s.body.subject_id) for s in steps if s.kind == "event"}
    for step in steps:
        if step.kind != "event":
            continue
        for subject in filter(partial(may_trace, actor), traced()):
            for value in _ids(step.body.payload, subject):
                if (subject, value) not in own:
                    found[(subject, value)] = None
    if not found:
        return []
    told = Q()
    for subject, number in found:
        told |= Q(subject_type=subject, subject_id=number)
    numbers: dict[tuple[str, int], str] = {}
    for subject, key, number in Event.objects.filter(told).values_list("subject_type", "subject_id", "payload__number"):
        numbers[subject, key] = numbers.get((subject, key)) or (number if isinstance(number, str) else "")
    return [
        (subject, SUBJECTS[subject].words, key, numbers[subject, key])
        for subject, key in found
        if (subject, key) in numbers
    ]


def _ids(payload: dict, subject: str) -> list[int]:
    values = []
    for name in SUBJECTS[subject].mentions:
        for key in (name, f"{name}_id", f"{name}_ids", f"{name}s"):
            found = payload.get(key)
            values += [v for v in (found if isinstance(found, list) else [found]) if type(v) is int]
    return values


def who_did_it(record) -> str:
    who = "·".join(part for part in (record.actor_organisation_name, record.actor_name) if part) or "系统"
    return f"系统（代 {who}）" if record.on_behalf_of and who != "系统" else who


def _rule_title(name: str) -> str:
    return REGISTRY[name].title if name in REGISTRY else name
