"""The decision trace of any row: what happened to it, which rule allowed or refused it, on which facts and values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from catalog.queries import access_listing
from pricing.rules.provinces import PROVINCES
from sunlight import scope
from sunlight.acts import current_policy
from sunlight.journal.declared import SUBJECTS
from sunlight.journal.models import Decision, Event, Refusal, Seal
from sunlight.journal.refusals import NotThere
from sunlight.kernel.rule import REGISTRY
from sunlight.scope import Actor
from supervision.queries.words import recorded


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


def trace(actor: Actor, subject_type: str, subject_id: int) -> list[Step]:
    """Events, decisions and refusals of a row in order of time, as far as the wall shows them to `actor`; of a listing
    that anybody on the platform may see, what happened to it and by which rule, without the records' contents.
    Raises NotThere where it shows none: no such row, or not yours."""
    where = {"subject_type": subject_type, "subject_id": subject_id}
    steps = _steps(actor, where)
    if not steps and subject_type == "listing":
        steps = _public_listing(actor, where)
    if not steps or subject_type not in traced():
        raise NotThere(traced().get(subject_type, "该单据"))
    order = {"decision": 0, "refusal": 1, "event": 2}
    return sorted(steps, key=lambda s: (s.at, order[s.kind], s.body.pk if hasattr(s.body, "pk") else 0))


def _public_listing(actor: Actor, where: dict) -> list[Step]:
    """Why a listed product is listed, for those who may buy it: its moves and rules, no refusals, no contents."""
    access_listing(actor, where["subject_id"])
    with scope.elevated(actor):
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
    steps = [Step("event", e.occurred_at, e.name, _who(e), e, seals.get(e.id)) for e in events]
    steps += [
        Step("decision", d.occurred_at, _rule_title(d.rule), _who(d), explained(d))
        for d in Decision.objects.filter(**where)
    ]
    steps += [Step("refusal", r.occurred_at, r.message, _who(r), r) for r in Refusal.objects.filter(**where)]
    return steps


def number_of(steps: list[Step]) -> str:
    """The number people know a traced row by, as its events tell it; "" for one that has none."""
    told = (step.body.payload.get("number") for step in steps if step.kind == "event")
    return next((number for number in told if isinstance(number, str)), "")


def related(steps: list[Step]) -> list[tuple[str, str, int, str]]:
    """(subject type, label, id, number) of the other rows that the events name and whose trace the wall shows too."""
    found: dict[tuple[str, int], None] = {}
    own = {(s.body.subject_type, s.body.subject_id) for s in steps if s.kind == "event"}
    for step in steps:
        if step.kind != "event":
            continue
        for subject in traced():
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


# Facts that services add beside a rule's own.
FACT_LABELS = {
    "months": "协议期限（月）",
    "quantity": "数量（计价单位）",
    "alert_source": "预警线来源",
    "listed_since": "挂网价起始日",
    "buyer_is_public": "公立医疗机构",
    "own_latest_contract": "最新采购价所在合同",
    "price_information_day": "价格信息业务日",
    "listed": "挂网价",
    "agreement_id": "价格协议",
    "code": "医保代码",
}
# Words that rules answer in, as people say them.
VALUE_LABELS = {
    "delist": "撤网",
    "suspend": "暂停挂网",
    "withdraw": "自动撤回",
    "auto_confirm": "自动确认",
    "link_price": "按成交价联动",
    "provinces": "外省最低价",
    "city": "本市最高成交价",
    "none": "无",
    "unpublished": "尚未发布",
    "listed": "挂网价",
    "history": "已有成交价",
    "other": "其他价格",
    "alert_line": "价格预警线",
    "own_latest": "本机构最新采购价",
    "reference": "挂网参考价",
    "block": "拦截",
    "flag": "标记",
    "active": "活跃区",
    "inactive": "不活跃区",
    "suspension_due": "应暂停",
    "contract": "合同约定日",
    "court_judgment": "法院判决",
    "administrative_penalty": "行政处罚",
    "audit_finding": "审计结论",
    "discredited": "失信",
    "serious": "严重失信",
    "extreme": "特别严重失信",
    "bribery": "商业贿赂",
    "illegal_bidding": "违法投标",
    "resisting_supervision": "拒不接受监管",
    "broken_commitment": "违背承诺",
    "city_platform": "市级平台",
    "province_trading_centre": "省级交易中心",
    "state_council": "按国务院办公厅放假通知",
    "three_colours_nine_segments": "三色九段",
    "coded": "取得国家医保编码的耗材",
    "in_use": "在用的耗材",
    "all": "全部",
    "listed_on": "挂网日",
    "delivery": "配送",
    "sale": "销售",
    "fixed": "只按中选价",
    "lowest": "最低中选价",
    "own": "各自中选价",
    "public": "公立医疗机构",
    "private": "民营医疗机构",
    "private_designated": "民营定点医疗机构",
    "military": "军队医疗机构",
    "xianning": "咸宁",
    "gd-sz": "深圳平台",
    "green": "绿",
    "yellow": "黄",
    "red": "红",
}
# Keys of structured parameters that a reader needs.
KEY_LABELS = {
    "mandatory": "必须参加",
    "voluntary": "自愿参加",
    "discredited": "失信",
    "serious": "严重失信",
    "extreme": "特别严重失信",
    "hospitals": "医疗机构数",
    "months": "月数",
}
# Keys of structured parameters that mean nothing to a reader.
_INNER = {"code", "label"}


def _ids(payload: dict, subject: str) -> list[int]:
    values = []
    for name in SUBJECTS[subject].mentions:
        for key in (name, f"{name}_id", f"{name}_ids", f"{name}s"):
            found = payload.get(key)
            values += [v for v in (found if isinstance(found, list) else [found]) if type(v) is int]
    return values


def _who(record) -> str:
    who = "·".join(part for part in (record.actor_organisation_name, record.actor_name) if part) or "系统"
    return f"系统（代 {who}）" if record.on_behalf_of and who != "系统" else who


def _rule_title(name: str) -> str:
    return REGISTRY[name].title if name in REGISTRY else name


def explained(decision: Decision) -> dict:
    """A kept decision with its clauses written out and its facts and outcome under the labels their rule gives them."""
    known = REGISTRY.get(decision.rule)
    labels = {f.name: f.label for f in (*known.facts_record.fields, *known.outcome_record.fields)} if known else {}
    return {
        "row": decision,
        "sentence": known.sentence if known else "",
        "facts": _told(decision.facts, labels),
        "outcome": _told(decision.outcome or {}, labels),
        "reasons": [{**reason, "law": clause(reason["clause"])} for reason in decision.reasons],
        "parameters": [
            {**p, "label": parameter_label(p["key"]), "value": in_words(p["value"]), "law": clause(p["source"])}
            for p in decision.parameters
        ],
    }


def _told(facts: dict, labels: dict) -> list[tuple[str, object]]:
    """Facts that were there, under words for people, in the order the rule lists them, the added ones last."""
    order = {key: place for place, key in enumerate(labels)}
    known = [(key, value) for key, value in facts.items() if value not in (None, "", [], {})]
    known.sort(key=lambda pair: order.get(pair[0], len(order)))
    return [(labels.get(key) or FACT_LABELS.get(key, key), in_words(value)) for key, value in known]


def in_words(value):
    """A value of a rule in words: its codes as people say them, the inner keys of a structured one left out."""
    if isinstance(value, dict) and not value.keys().isdisjoint(KEY_LABELS):
        return {KEY_LABELS.get(key, key): in_words(each) for key, each in value.items()}
    if isinstance(value, dict):
        return [in_words(each) for key, each in value.items() if key not in _INNER]
    if isinstance(value, list | tuple):
        return [PROVINCES.get(each, in_words(each)) if isinstance(each, str) else in_words(each) for each in value]
    return VALUE_LABELS.get(value, value) if isinstance(value, str) else value


def parameter_label(key: str) -> str:
    known = current_policy().parameters.get(key)
    return known.label if known else key


def clause(clause_id: str) -> dict:
    """A clause in words: its summary, article and act."""
    policy = current_policy()
    row = policy.clauses.get(clause_id)
    if row is None:
        return {"id": clause_id, "summary": "", "article": "", "act": ""}
    act = policy.acts.get(row.act)
    return {"id": clause_id, "summary": row.summary, "article": row.article, "act": act.title if act else ""}


def refusals_visible_to(actor: Actor):
    """Refused acts, newest first: a party's own, a platform's all. The wall decides."""
    rows = Refusal.objects.order_by("-id")
    return (
        rows.filter(platform_id=actor.platform_id, actor_organisation_id=actor.organisation_id)
        if actor.is_party
        else rows.filter(platform_id__in=actor.platform_ids)
    )


def clause_page(clause_id: str) -> dict:
    """Everything that carries a clause: its text in our words, the rules and the dated values. Raises NotThere."""
    policy = current_policy()
    if clause_id not in policy.clauses:
        raise NotThere("条款")
    return {
        "clause": policy.clauses[clause_id],
        "act": policy.acts.get(policy.clauses[clause_id].act),
        # Not the rules themselves: they are callable, and a template would call them.
        "rules": [
            {"name": r.name, "title": r.title, "sentence": r.sentence}
            for r in REGISTRY.values()
            if clause_id in r.clauses
        ],
        "values": [
            (p, v, in_words(v.value)) for p in policy.parameters.values() for v in p.values if v.clause == clause_id
        ],
    }
