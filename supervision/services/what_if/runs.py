"""Trying drafts on what happened: a job that reads a period's records chunk by chunk, judges each alone, and writes into the
run's own tables and nowhere else."""

from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sunlight import acts, scope
from sunlight.jobs.definitions import State
from sunlight.jobs.models import Job
from sunlight.jobs.services.jobs import job_start
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.policy import Drafts, Policy, PolicyError
from sunlight.rules import RULES
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Region
from supervision import events
from supervision.models import PolicyDraft, WhatIfRun
from supervision.queries.what_if import drafts as drafting
from supervision.queries.what_if import records as reads_of
from supervision.queries.what_if.lines import LinesAsOf
from supervision.queries.what_if.runs import KIND
from supervision.queries.what_if.samples import sampled
from supervision.rules.what_if.judging import JUDGED, Judge, reads
from supervision.rules.what_if.laws import Remembering, Side, Window, windows
from supervision.services.what_if.drafts import DRAFTING
from supervision.services.what_if.sums import Found

LONGEST_DAYS = 1100
# Records of one chunk: about two seconds of work.
CHUNK = 20_000
COUNT, DECISIONS, REFUSALS, SAMPLE = "count", "decisions", "refusals", "sample"
WORDS = {COUNT: "清点记录", DECISIONS: "重算已决定的记录", REFUSALS: "重算未予受理的记录", SAMPLE: "抽样重算统计"}


@service
def what_if_start(
    *,
    actor: Actor,
    at: datetime,
    draft: object,
    since: object,
    until: object,
    region: object = "",
    other: object = None,
    drafts: object = "",
) -> WhatIfRun:
    """Begin trying a draft, or two beside each other (`other`), on the records of the days from `since` to `until` in a
    region. `drafts` says what draft acts do under them: `binding`, `warn`, or empty for what they did at the time. The
    job is found by the run. Raises Forbidden, NotThere, Invalid, Unreadable."""
    if not actor.has(*DRAFTING):
        raise Forbidden("not_your_duty", "政策试算由监管部门的经办人或负责人发起。请联系本部门经办人。")
    read = reading.Collected()
    first = read(reading.day, since, "since", "开始日期")
    last = read(reading.day, until, "until", "结束日期")
    ids = [
        read(reading.row_id, draft, "draft", "草案"),
        read(reading.row_id, other, "other", "对照草案", required=False),
    ]
    read.check()
    _period(first, last, business_date(at))
    if str(drafts or "") not in ("", *(str(each) for each in Drafts)):
        raise Invalid("drafts_unknown", "请选择征求意见稿的效力：按当时、约束或只提示。", field="drafts")
    tried = [drafting.access_draft(actor, each) for each in ids if each is not None]
    amendments = [_amendment(each, actor) for each in tried]
    place = _region(actor, str(region or actor.region_code))
    run = WhatIfRun.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        region=place,
        since=first,
        until=last,
        titles=[f"{each.code} {each.title}" for each in tried],
        amendments=amendments,
        drafts=str(drafts or ""),
        base_sha256=acts.fingerprint(),
        started_at=at,
        **scope.by(actor, "started"),
        started_by_name=actor.user_name[:120],
    )
    title = f"政策试算：{' / '.join(run.titles)}"
    job_start(actor=actor, at=at, kind=KIND, title=title, parameters={"run": run.id}, result_id=run.id)
    _record(events.WHAT_IF_STARTED, run, actor, at)
    return run


def _period(first: date, last: date, today: date) -> None:
    if first > last:
        raise Invalid("period_backwards", "开始日期不能晚于结束日期，请改正。", field="since")
    if (last - first).days >= LONGEST_DAYS:
        raise Invalid("period_too_long", f"一次最多试算 {LONGEST_DAYS} 天，请缩短期间。", field="since")
    if first > today:
        raise Invalid("period_ahead", "试算的是已经发生的记录，开始日期不能晚于今天。", field="since")


def _region(actor: Actor, code: str) -> Region:
    found = Region.objects.filter(id__in=actor.region_ids, code=code).first()
    if found is None:
        raise Invalid("region_not_yours", "没有这个地区，或不在本部门的管辖范围内，请重新选择。", field="region")
    return found


def _amendment(draft: PolicyDraft, actor: Actor) -> dict[str, Any]:
    """What a draft comes to today. Raises Invalid where it changes nothing, or the law it rests on has moved on."""
    if not draft.edits:
        raise Invalid("draft_empty", f"草案 {draft.code} 还没有修改任何规定，请先编辑草案。", field="draft")
    found = drafting.amendment(draft, actor.organisation_name)
    try:
        drafting.policy_with(found)
    except PolicyError as error:
        raise Invalid(
            "draft_unfit", f"草案 {draft.code} 与今天的法规库不能并存，请打开草案核对（{error}）。", field="draft"
        ) from error
    return found


def what_if_step(*, actor: Actor, at: datetime, job: Job, state: State) -> State:
    """One chunk: count, judge decisions, judge refusals, draw the sample; at the end keep what came of it."""
    run = WhatIfRun.objects.get(id=job.parameters["run"])
    if run.base_sha256 != acts.fingerprint():
        raise Conflict("law_changed", "试算期间法规库已更新，结果不能前后一致。请放弃本次任务后重新发起。")
    return _Step(actor, at, run, state).next()


class _Step:
    """One chunk of a run."""

    def __init__(self, actor: Actor, at: datetime, run: WhatIfRun, state: State) -> None:
        self.actor, self.at, self.run, self.state = actor, at, run, state
        self.position = {"phase": COUNT, "after": 0, "totals": {}, **state.position}
        self.base = Side(_remembering(None))
        self.sides = tuple(Side(_remembering(each), run.drafts) for each in run.amendments)
        self.rules = {name: RULES[name] for name in JUDGED if name in RULES}
        self.regions = reads_of.regions_of(actor, run.region)

    def next(self) -> State:
        phase = self.position["phase"]
        return {COUNT: self.count, DECISIONS: self.decisions, REFUSALS: self.refusals, SAMPLE: self.sample}[phase]()

    def windows(self) -> list[Window]:
        return windows(
            self.rules,
            {name: reads(rule) for name, rule in self.rules.items()},
            base=self.base,
            sides=self.sides,
            regions=self.regions,
            since=self.run.since,
            until=self.run.until,
        )

    def _moved(self, phase: str, *, done: int | None = None, total: int | None = None, **more: Any) -> State:
        position = self.position | {"phase": phase} | more
        return replace(
            self.state,
            position=position,
            phase=WORDS[phase],
            done=self.state.done if done is None else done,
            total=self.state.total if total is None else total,
        )

    def count(self) -> State:
        found = reads_of.count(
            self.actor,
            regions=self.regions,
            since=self.run.since,
            until=self.run.until,
            windows=self.windows(),
        )
        totals = {"records": found.records, "in_windows": found.in_windows, "unjudged": [{} for _ in self.sides]}
        return self._moved(
            DECISIONS if found.in_windows else REFUSALS,
            total=found.in_windows,
            after=found.first - 1 if found.in_windows else 0,
            last=found.last,
            totals=totals | {"judged": 0, "refusals": 0},
            kept={},
        )

    def decisions(self) -> State:
        records, until = reads_of.decisions(
            self.actor, after=self.position["after"], last=self.position["last"], windows=self.windows(), most=CHUNK
        )
        totals = self._judge(records) | {"judged": self.position["totals"]["judged"] + len(records)}
        over = until >= self.position["last"]
        return self._moved(
            REFUSALS if over else DECISIONS,
            done=self.state.done + len(records),
            after=0 if over else until,
            totals=totals,
        )

    def refusals(self) -> State:
        records, until, over = reads_of.refusals(
            self.actor,
            after=self.position["after"],
            regions=self.regions,
            since=self.run.since,
            until=self.run.until,
            windows=self.windows(),
            most=CHUNK,
        )
        totals = self._judge(records) | {"refusals": self.position["totals"]["refusals"] + len(records)}
        done = self.state.done + len(records)
        return self._moved(
            SAMPLE if over else REFUSALS,
            done=done,
            total=max(self.state.total or 0, done),
            after=until,
            totals=totals,
        )

    def _judge(self, records: list) -> dict[str, Any]:
        """Judge records, write what came of them, and give the totals so far."""
        lines = LinesAsOf(self.base, self.sides)
        lines.prepare(records)
        judge = Judge(self.rules, self.base, self.sides, lines)
        found = Found(self.run, kept=self.position.get("kept", {}))
        for each in records:
            for side, answer in enumerate(judge.judge(each)):
                found.add(side, each, answer)
        found.write(reads_of.categories_of(found.products))
        self.position["kept"] = found.kept
        totals = self.position["totals"]
        unjudged = [
            {why: side.get(why, 0) + now.get(why, 0) for why in {**side, **now}}
            for side, now in zip(totals["unjudged"], found.unjudged(len(self.sides)), strict=True)
        ]
        return totals | {"unjudged": unjudged}

    def sample(self) -> State:
        today = business_date(self.at)
        totals = self.position["totals"] | {
            "sample": sampled(self.run, base=self.base, sides=self.sides, on=min(self.run.until, today), at=self.at)
        }
        self.run.totals, self.run.finished_at = totals, self.at
        self.run.save(update_fields=["totals", "finished_at"])
        _record(events.WHAT_IF_FINISHED, self.run, self.actor, self.at)
        judged = totals["judged"] + totals["refusals"]
        return replace(self.state, over=True, note=f"已重算 {judged} 笔记录。", result_id=self.run.id, phase="完成")


@lru_cache(maxsize=8)
def _remembered(policy: Policy) -> Remembering:
    """Kept from chunk to chunk of a process."""
    return Remembering(policy)


def _remembering(amendment: dict[str, Any] | None) -> Remembering:
    """The law of the scope, or with an amendment, as one that remembers what it was asked."""
    return _remembered(scope.policy() if amendment is None else drafting.policy_with(amendment))


def _record(event, run: WhatIfRun, actor: Actor, at: datetime) -> None:
    """Without what was tried and found: other authorities read the platform's journal."""
    payload = {"since": run.since, "until": run.until, "region": run.region.code}
    record(event, subject=run.id, actor=actor, at=at, payload=payload)
