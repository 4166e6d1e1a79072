"""Drafts of the law: made, edited edit by edit, each time seen by the loader, discarded, or taken away as one file."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sunlight import acts, scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.policy import Parameter, PolicyError, Status
from sunlight.scope import Actor, Role
from supervision import events
from supervision.models import PolicyDraft
from supervision.queries.what_if import drafts as queries
from supervision.rules.what_if import edits as editing
from supervision.rules.what_if.typing import typed_value

# Who drafts and tries law for an authority; its auditors read along.
DRAFTING = frozenset({Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF})
MOST_EDITS = 60
_CODE = re.compile(r"[A-Z]{2,6}[0-9]{0,4}")


@service
def policy_draft_make(
    *, actor: Actor, at: datetime, code: object, title: object, region: object = "", status: object = ""
) -> PolicyDraft:
    """A draft without edits. `code` stands before its clauses' numbers, such as SZ27; `region` is where it would bind, by
    default the authority's own. Raises Forbidden, Invalid, Unreadable."""
    _may_draft(actor)
    read = reading.Collected()
    code = read(reading.text, code, "code", "草案代号", most=12)
    title = read(reading.text, title, "title", "草案名称", most=200)
    read.check()
    policy, region = scope.policy(), str(region or actor.region_code)
    if not _CODE.fullmatch(code) or code in policy.acts:
        raise Invalid(
            "code_unfit",
            f"草案代号须为 2 至 6 个大写字母加年份数字（如 SZ27），且不与法规库重复：{code}。",
            field="code",
        )
    _within(actor.region_code, region, "region")
    if str(status or Status.IN_FORCE) not in {str(each) for each in Status}:
        raise Invalid("status_unknown", "请选择按已施行还是按征求意见稿试算。", field="status")
    if queries.drafts_visible_to(actor).filter(code=code).exists():
        raise Conflict("code_taken", f"本部门已有代号为 {code} 的草案，请另取代号。", field="code")
    made = PolicyDraft.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        code=code,
        title=title,
        region_code=region,
        status=str(status or Status.IN_FORCE),
        base_sha256=acts.fingerprint(),
        made_at=at,
        changed_at=at,
        **scope.by(actor, "made"),
        made_by_name=actor.user_name[:120],
    )
    _record(events.POLICY_DRAFT_MADE, made, actor, at)
    return made


def _may_draft(actor: Actor) -> None:
    if not actor.has(*DRAFTING):
        raise Forbidden("not_your_duty", "政策草案由监管部门的经办人或负责人编制。请联系本部门经办人。")


def _within(above: str, region: str, field: str) -> None:
    policy = scope.policy()
    if region not in policy.regions or above not in policy.path(region):
        raise Invalid("region_unfit", "请选择草案适用地区以内的地区。", field=field)


@service
def policy_draft_value(
    *,
    actor: Actor,
    at: datetime,
    draft_id: int,
    key: object,
    value: object,
    since: object,
    region: object = "",
    replaces: object = "",
    summary: object = "",
) -> PolicyDraft:
    """Add an edit: a parameter's value from a day. Of a parameter whose values add up, `replaces` names the clause whose
    value it takes the place of, none where it stands beside them. Raises NotThere, Forbidden, Invalid, Unreadable."""
    draft = _of(actor, draft_id)
    parameter, read = _parameter(key), reading.Collected()
    since = read(reading.day, since, "since", "施行日期")
    typed = read(typed_value, parameter, str(value if value is not None else ""))
    summary = read(reading.text, summary, "summary", "条文摘要", most=300, required=False)
    read.check()
    region = str(region or draft.region_code)
    _within(draft.region_code, region, "region")
    edit = {"kind": editing.VALUE, "key": parameter.key, "region": region, "value": typed, "from": since.isoformat()}
    chosen = [str(replaces)] if replaces else []
    _stands(parameter, region, chosen, since)
    summary = summary or f"{parameter.label}：{_short(typed)}"
    return _changed(actor, at, draft, [*draft.edits, edit | {"replaces": chosen, "summary": summary}])


def _short(value: Any) -> str:
    return str(value)[:200]


def _stands(parameter: Parameter, region: str, chosen: list[str], since: date) -> None:
    """Raises Invalid where what the new value takes the place of does not stand by then."""
    for clause in chosen:
        if not any(each.clause == clause and each.region == region for each in parameter.values):
            raise Invalid("replaces_nothing", f"{clause} 没有在该地区规定“{parameter.label}”。", field="replaces")
    for each in parameter.values:
        same = each.clause in chosen if parameter.cumulative else each.in_force_on(since)
        if each.region == region and same and each.valid_from >= since:
            raise Invalid(
                "begins_too_early",
                f"“{parameter.label}”的现行值（{each.clause}）自 {each.valid_from} 起施行，新值须自其后的日期起。",
                field="since",
            )


@service
def policy_draft_end(
    *,
    actor: Actor,
    at: datetime,
    draft_id: int,
    key: object,
    clause: object,
    region: object,
    last: object,
    summary: object = "",
) -> PolicyDraft:
    """Add an edit: the value that a clause states of a parameter in a region ends, its last day being `last`. Raises as
    `policy_draft_value`."""
    draft = _of(actor, draft_id)
    parameter, read = _parameter(key), reading.Collected()
    last = read(reading.day, last, "last", "最后适用日")
    summary = read(reading.text, summary, "summary", "条文摘要", most=300, required=False)
    read.check()
    _within(draft.region_code, str(region), "region")
    stated = [
        v for v in parameter.values if (v.clause, v.region) == (str(clause), str(region)) and v.valid_from <= last
    ]
    if not stated:
        raise Invalid("ends_nothing", f"{clause} 到这一天没有在该地区规定“{parameter.label}”。", field="clause")
    edit = {"kind": editing.END, "key": parameter.key, "clause": str(clause), "region": str(region)}
    edit |= {"to": last.isoformat(), "summary": summary or f"“{parameter.label}”（{clause}）不再适用"}
    return _changed(actor, at, draft, [*draft.edits, edit])


@service
def policy_draft_act(
    *,
    actor: Actor,
    at: datetime,
    draft_id: int,
    act: object,
    effective: object = "",
    ends: object = "",
    status: object = "",
) -> PolicyDraft:
    """Add an edit: an act of the library begins or ends on another day, or is law instead of a draft or the other way
    round. What began or ended by it on its first day moves with it. Raises as `policy_draft_value`."""
    draft = _of(actor, draft_id)
    known = scope.policy().acts.get(str(act))
    if known is None or draft.region_code not in scope.policy().path(known.region):
        raise Invalid("act_unfit", "请选择草案适用地区的一份文件。", field="act")
    read = reading.Collected()
    begins = read(reading.day, effective, "effective", "施行日期", required=False)
    over = read(reading.day, ends, "ends", "失效日期", required=False)
    read.check()
    moves = {
        "effective": begins.isoformat() if begins else "",
        "ends": over.isoformat() if over else "",
        "status": str(status) if status else "",
    }
    if moves["status"] not in ("", *(str(each) for each in Status)):
        raise Invalid("status_unknown", "请选择已施行还是征求意见稿。", field="status")
    if not any(moves.values()):
        raise Invalid("nothing_moved", "请填写新的施行日期、失效日期或性质。", field="effective")
    edit = {"kind": editing.ACT, "act": known.id, "summary": ""} | {key: each for key, each in moves.items() if each}
    return _changed(actor, at, draft, [*(each for each in draft.edits if each.get("act") != known.id), edit])


@service
def policy_draft_undo(*, actor: Actor, at: datetime, draft_id: int, number: int) -> PolicyDraft:
    """Take out the edit of a number, the first being 1. Raises NotThere, Forbidden, Invalid."""
    draft = _of(actor, draft_id)
    if not 1 <= number <= len(draft.edits):
        raise Invalid("no_such_edit", "没有这一项修改，请刷新后重试。", field="number")
    return _changed(actor, at, draft, [each for n, each in enumerate(draft.edits, start=1) if n != number])


@service
def policy_draft_discard(*, actor: Actor, at: datetime, draft_id: int) -> None:
    """Discard a draft; runs that tried it keep what they tried. Raises NotThere, Forbidden."""
    draft = _of(actor, draft_id)
    _record(events.POLICY_DRAFT_DISCARDED, draft, actor, at)
    draft.delete()


def _of(actor: Actor, draft_id: int) -> PolicyDraft:
    _may_draft(actor)
    queries.access_draft(actor, draft_id)
    return PolicyDraft.objects.select_for_update().get(id=draft_id)


def _parameter(key: object) -> Parameter:
    found = scope.policy().parameters.get(str(key or ""))
    if found is None:
        raise Invalid("parameter_unknown", "请从现行规定中选择一个参数。", field="key")
    return found


def _changed(actor: Actor, at: datetime, draft: PolicyDraft, edits: list[Mapping[str, Any]]) -> PolicyDraft:
    """The draft with other edits, where the loader takes them. Raises Invalid."""
    if len(edits) > MOST_EDITS:
        raise Invalid("too_many_edits", f"一份草案最多 {MOST_EDITS} 项修改，请分成几份。", field="key")
    draft.edits = list(edits)
    try:
        queries.policy_with(queries.amendment(draft, actor.organisation_name))
    except PolicyError as error:
        raise Invalid(
            "draft_unfit",
            f"加上这一项后草案与现行规定不能并存，请核对日期、地区和被替代的条款（{error}）。",
            field="since",
        ) from error
    draft.base_sha256, draft.changed_at, draft.version = acts.fingerprint(), at, draft.version + 1
    draft.save(update_fields=["edits", "base_sha256", "changed_at", "version"])
    _record(events.POLICY_DRAFT_CHANGED, draft, actor, at)
    return draft


def _record(event, draft: PolicyDraft, actor: Actor, at: datetime) -> None:
    """Without what it says: other authorities read the platform's journal, each only its own drafts."""
    record(event, subject=draft.id, actor=actor, at=at, version=draft.version, payload={"edits": len(draft.edits)})
