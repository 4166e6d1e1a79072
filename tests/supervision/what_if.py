"""Drafts and runs for tests of 政策试算."""

from datetime import date

from sunlight import scope
from sunlight.scope import Role
from supervision.models import PolicyDraft, WhatIfChange, WhatIfRun, WhatIfSum
from supervision.queries.what_if.runs import job_of
from supervision.services.what_if import drafts as drafting
from supervision.services.what_if.runs import what_if_start
from tests.background import run_to_end

LINE, OWN = "SZ24-3.3c", "SZ24-3.4c"


def officer(world):
    return world.actor("regulator", Role.REGULATOR_OFFICER)


def draft(world, code="SZ27", *, actor=None, **more) -> PolicyDraft:
    actor = actor or officer(world)
    with scope.opened(actor):
        return drafting.policy_draft_make(actor=actor, at=scope.now(), code=code, title="试行通知", **more)


def edited(world, made: PolicyDraft, kind: str, **edit) -> PolicyDraft:
    """The draft with one more edit: `value`, `end` or `act`."""
    actor = officer(world)
    with scope.opened(actor):
        service = getattr(drafting, f"policy_draft_{kind}")
        return service(actor=actor, at=scope.now(), draft_id=made.id, **edit)


def without_the_line(world, code="SZ27", last=date(2025, 6, 30)) -> PolicyDraft:
    """A draft that ends the bound of the alert line."""
    return edited(world, draft(world, code), "end", key="bargain.bounds", clause=LINE, region="CN-GD-SZ", last=last)


def paid_within(world, days: int, code="SZ28", since=date(2025, 6, 1)) -> PolicyDraft:
    """A draft that sets another number of days to pay in."""
    return edited(world, draft(world, code), "value", key="settlement.payment_days", value=str(days), since=since)


def begun(world, tried: PolicyDraft, other: PolicyDraft | None = None, *, actor=None, **more) -> WhatIfRun:
    actor = actor or officer(world)
    asked = {"since": date(2025, 1, 1), "until": scope.today(), "other": other.id if other else None} | more
    with scope.opened(actor):
        return what_if_start(actor=actor, at=scope.now(), draft=tried.id, **asked)


def tried(world, one: PolicyDraft, other: PolicyDraft | None = None, *, actor=None, **more) -> WhatIfRun:
    """A run from its beginning to its end."""
    actor = actor or officer(world)
    run = begun(world, one, other, actor=actor, **more)
    with scope.opened(actor):
        done = run_to_end(actor=actor, at=scope.now(), job_id=job_of(actor, run).id)
        assert done.state == "DONE", done.note
        return WhatIfRun.objects.get(id=run.id)


def sums(world, run: WhatIfRun, dimension="all") -> dict[tuple[int, str, str], tuple[int, int, int]]:
    """(side, kind, key) → records, fen, fen saved."""
    with scope.opened(officer(world)):
        rows = WhatIfSum.objects.filter(run=run, dimension=dimension)
        return {(r.side, r.kind, r.key): (r.count, r.fen, r.saved_fen) for r in rows}


def changed(world, run: WhatIfRun) -> set[tuple[int, str, str, int | None]]:
    """(side, kind, subject, its id) of the records kept."""
    with scope.opened(officer(world)):
        rows = WhatIfChange.objects.filter(run=run)
        return {(r.side, r.kind, r.subject_type, r.subject_id) for r in rows}
