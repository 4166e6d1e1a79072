"""An authority's drafts of the law, what each would change in words, and the policy it comes to."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from sunlight import acts, scope
from sunlight.journal.refusals import NotThere
from sunlight.kernel import reading
from sunlight.kernel.policy import Act, Drafts, Policy, PolicyError, Status, Value
from sunlight.scope import Actor
from supervision import readers
from supervision.models import PolicyDraft
from supervision.queries.decisions import in_words, words_of
from supervision.rules.what_if import edits as editing
from supervision.rules.what_if.amending import amended, text_of
from supervision.rules.what_if.edits import Head, amendment_of, changes
from supervision.rules.what_if.typing import as_typed


def drafts_visible_to(actor: Actor) -> QuerySet:
    """The drafts of the actor's own authority, newest first."""
    if not readers.POLICY_DRAFTS.admits(actor):
        return PolicyDraft.objects.none()
    return PolicyDraft.objects.filter(organisation_id=actor.organisation_id, platform_id=actor.platform_id).order_by(
        "-id"
    )


def access_draft(actor: Actor, draft_id: int | None) -> PolicyDraft:
    """Raises NotThere."""
    found = drafts_visible_to(actor).filter(id=draft_id).first()
    if found is None:
        raise NotThere("这份政策草案")
    return found


def head_of(draft: PolicyDraft, issuer: str) -> Head:
    return Head(draft.code, draft.title, issuer, draft.region_code, draft.status)


def amendment(draft: PolicyDraft, issuer: str) -> dict[str, Any]:
    """What the draft comes to as an amendment of the loaded documents."""
    return amendment_of(head_of(draft, issuer), draft.edits, scope.policy())


def policy_with(amendment: Mapping[str, Any]) -> Policy:
    """The loaded law with an amendment. Raises PolicyError."""
    return _policy_with(acts.fingerprint(), json.dumps(amendment, sort_keys=True, default=str))


@lru_cache(maxsize=16)
def _policy_with(base: str, amendment: str) -> Policy:
    return amended(acts.documents(), json.loads(amendment)).policy()


def in_words_of(edit: Mapping[str, Any]) -> dict[str, str]:
    """An edit as people read it: what it is about, how it stood, how it would stand, from when."""
    policy = scope.policy()
    if edit["kind"] == editing.ACT:
        return _act_in_words(policy.acts.get(edit["act"]), edit)
    parameter = policy.parameters.get(edit["key"])
    label = parameter.label if parameter else edit["key"]
    unit = parameter.unit if parameter else ""
    region = policy.regions[edit["region"]].name if edit["region"] in policy.regions else edit["region"]
    row = {"label": label, "region": region, "summary": edit["summary"]}
    if edit["kind"] == editing.END:
        stood = _stood(policy, edit["key"], [edit["clause"]], edit["region"])
        return row | {"before": _told(edit["key"], stood, unit), "after": "不再适用", "from": f"止于 {edit['to']}"}
    stood = _replaced(policy, edit)
    after = f"{_plain(edit['key'], edit['value'])} {unit}".strip()
    return row | {"before": _told(edit["key"], stood, unit), "after": after, "from": f"自 {edit['from']}"}


def _act_in_words(act: Act | None, edit: Mapping[str, Any]) -> dict[str, str]:
    stood = [] if act is None else [act.effective.isoformat(), act.ends.isoformat() if act.ends else "长期", act.status]
    labels = {"effective": "施行", "ends": "失效", "status": "性质"}
    words = {Status.IN_FORCE: "已施行", Status.DRAFT: "征求意见稿"}
    named = dict(zip(labels, stood, strict=True)) if stood else {}
    shown = [key for key in labels if edit.get(key)]
    return {
        "label": act.title if act else edit["act"],
        "region": scope.policy().regions[act.region].name if act else "",
        "summary": edit.get("summary", ""),
        "before": "；".join(f"{labels[key]} {words.get(named.get(key), named.get(key, ''))}" for key in shown),
        "after": "；".join(f"{labels[key]} {words.get(edit[key], edit[key])}" for key in shown),
        "from": "",
    }


def _stood(policy: Policy, key: str, clauses: Sequence[str], region: str) -> list[Value]:
    values = policy.parameters[key].values if key in policy.parameters else ()
    return [value for value in values if value.clause in clauses and value.region == region]


def _replaced(policy: Policy, edit: Mapping[str, Any]) -> list[Value]:
    """What stands where the new value begins: what it replaces of a cumulative parameter, else what holds there that day."""
    parameter = policy.parameters.get(edit["key"])
    if parameter is None:
        return []
    if parameter.cumulative:
        return _stood(policy, edit["key"], edit.get("replaces") or (), edit["region"])
    on = reading.day(edit["from"], "since", "日期")
    # As the loader has it: a draft ends what it replaces.
    found = policy.find(edit["key"], region=edit["region"], on=on, drafts=Drafts.BINDING)
    return [] if found is None else [found]


def _told(key: str, values: Sequence[Value], unit: str) -> str:
    return "；".join(f"{_plain(key, value.value)} {unit}".strip() for value in values) or "没有规定"


def _plain(key: str, value: Any) -> str:
    parameter = scope.policy().parameters.get(key)
    said = in_words(value, words_of(key))
    return said if isinstance(said, str) else as_typed(parameter, said) if parameter else str(said)


def consequences(base: Policy, other: Policy) -> list[dict[str, Any]]:
    """Every value that a draft begins, ends or moves, in words."""
    rows = []
    for change in changes(base, other):
        parameter = other.parameters[change.key]
        region = other.regions[change.region].name
        spans = [_span(value) for value in (change.before, change.after)]
        value = change.after or change.before
        rows.append(
            {
                "label": parameter.label,
                "region": region,
                "clause": change.clause,
                "value": f"{_plain(change.key, value.value)} {parameter.unit}".strip() if value else "",
                "before": spans[0],
                "after": spans[1],
            }
        )
    return rows


def _span(value: Value | None) -> str:
    if value is None:
        return "—"
    return f"{value.valid_from} 至 {value.valid_to or '长期'}{'（征求意见稿）' if value.is_draft else ''}"


def follows(draft: PolicyDraft, issuer: str) -> list[dict[str, Any]]:
    """What a draft changes besides what it says, today; nothing where the law has moved on and it no longer stands."""
    try:
        return consequences(scope.policy(), policy_with(amendment(draft, issuer)))
    except PolicyError:
        return []


def changes_of_run(amendment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a frozen draft changed; nothing where the law has moved on since."""
    try:
        return consequences(scope.policy(), policy_with(amendment))
    except PolicyError:
        return []


def draft_file(draft: PolicyDraft, issuer: str) -> str:
    """The draft as the one file that a reviewer reads, splits into act, clauses and values, and loads."""
    told = [
        f"{words['label']}（{words['region']}） {words['before']} → {words['after']} {words['from']}"
        for words in map(in_words_of, draft.edits)
    ]
    heading = [f"{draft.title}（{issuer}）", f"现行文本 sha256 {acts.fingerprint()}", *(each.strip() for each in told)]
    return text_of(amendment(draft, issuer), heading)
