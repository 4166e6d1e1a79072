"""Having the platform's journal read again in the background, and keeping what came of it."""

from dataclasses import replace
from datetime import datetime

from sunlight import scope
from sunlight.jobs.definitions import State
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_start
from sunlight.journal import checkpoints, verifier
from sunlight.journal.models import Seal
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import record, service
from sunlight.scope import Actor
from supervision import readers
from supervision.events import JOURNAL_CHECKED
from supervision.models import JournalCheck
from supervision.queries import journal_checks as queries

KIND = "supervision.journal_check"
# Links of the chain read in one chunk: about two seconds of work.
LINKS = 5_000
# So many faults are kept in words; the count says how many there were.
MOST_FAULTS = 200


@service
def journal_check_start(*, actor: Actor, at: datetime) -> Job:
    """Have the chain of the actor's platform read again, against the head its organisation noted last time. Raises
    Forbidden."""
    if not actor.has(*readers.JOURNAL_CHECKS):
        raise Forbidden("not_your_duty", "日志核验由平台审计管理员或监管审计办理。")
    last = queries.last_check(actor)
    head = [last.head_sequence, last.head_hash] if last is not None else None
    total = Seal.objects.filter(platform_id=actor.platform_id).count()
    return job_start(actor=actor, at=at, kind=KIND, title="日志封存链", parameters={"head": head}, total=total)


def journal_check_step(*, actor: Actor, at: datetime, job: Job, state: State) -> State:
    """Read some thousand links on; at the end keep the result."""
    before = state.position
    expected = tuple(job.parameters["head"]) if job.parameters["head"] else None
    report = verifier.read_on(
        platform_id=job.platform_id,
        after=tuple(before.get("after", (0, verifier.GENESIS))),
        most=LINKS,
        expected_head=expected,
    )
    # The head noted earlier lies in one chunk alone; the others cannot have come by it.
    report.met = report.met or before.get("met", False)
    is_over = report.sealed < LINKS
    faults = report.faults
    if is_over:
        faults = faults + verifier.ending(report, at=at, expected_head=expected) + checkpoints.faults(actor)
    position = {
        "after": list(report.head),
        "met": report.met,
        "faults": (before.get("faults", []) + faults)[:MOST_FAULTS],
        "fault_count": before.get("fault_count", 0) + len(faults),
        "sealed": before.get("sealed", 0) + report.sealed,
    }
    after = replace(state, position=position, done=position["sealed"], phase="核验")
    if not is_over:
        return after
    made = _keep(actor, at, job, position)
    words = "没有发现问题。" if not made.fault_count else f"发现 {made.fault_count} 处问题。"
    return replace(after, over=True, total=made.sealed, note=words, result_id=made.id)


def _keep(actor: Actor, at: datetime, job: Job, found: dict) -> JournalCheck:
    sequence, chain = found["after"]
    made = JournalCheck.objects.create(
        platform_id=job.platform_id,
        organisation_id=job.organisation_id,
        sealed=found["sealed"],
        head_sequence=sequence,
        head_hash=chain,
        faults=found["faults"],
        fault_count=found["fault_count"],
        checked_at=at,
        **scope.by(job.started_by, "checked"),
        checked_by_name=job.started_by_name,
    )
    record(
        JOURNAL_CHECKED,
        subject=made.id,
        actor=actor,
        at=at,
        payload={"head": f"{sequence}:{chain}", "count": made.sealed, "faults": made.fault_count},
    )
    return made
