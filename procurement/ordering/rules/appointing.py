"""Who may pick the distributor of an order, and whom."""

from sunlight.kernel.facts import BOOL, Choice, Field, ListOf
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule

BY = {
    "manufacturer": "生产企业（或总代理）",
    "hospital": "医疗机构",
    "authority": "监管部门",
    "third_party": "第三方",
    "operator": "平台运营机构",
}
APPOINTEES = {"self": "自行配送", "distributor": "配送企业"}
GRADES = {"none": "无", "discredited": "失信", "serious": "严重失信", "extreme": "特别严重失信"}
BROKEN = {
    "appointer": "选定人",
    "third_party": "第三方限制",
    "ability": "配送能力",
    "registration": "平台登记",
    "suspension": "暂停配送",
    "credit": "信用等级",
}


@rule(
    "distributor.appoint",
    title="选定配送企业",
    where="深圳自 2020-07-01；广东 2025-12-01 至 2030-11-30；江苏自 2020-05-01；全国自 2025-07-01",
    clauses=(
        "SZ20-6.3",
        "SZ20-6.4",
        "SZ24-3.6",
        "GD25-5.10c",
        "JS20-34",
        "JS20-35",
        "JS20-36",
        "ASSUMPTION-A26",
    ),
    parameters=(
        "distributor.appointer",
        "distributor.named_by_hospital",
        "distributor.via_third_party",
        "distributor.able",
        "distributor.registered",
        "distributor.suspended",
        "distributor.discredited",
    ),
    facts=(
        Field("by", Choice(BY), "由谁选定"),
        Field("via_third_party", BOOL, "是否以第三方服务限制选择", required=False, default=False),
        Field("appointee", Choice(APPOINTEES), "选定谁配送"),
        Field("able", BOOL, "是否有配送能力", required=False, default=True),
        Field("registered", BOOL, "是否已在平台登记", required=False, default=True),
        Field("suspended", BOOL, "是否被暂停配送", required=False, default=False),
        Field("credit", Choice(GRADES), "在本省的信用等级", required=False, default="none"),
    ),
    outcome=(Field("broken", ListOf(Choice(BROKEN)), "不符合之处"),),
)
def distributor_appoint(
    read: Reading,
    *,
    by: str,
    via_third_party: bool,
    appointee: str,
    able: bool,
    registered: bool,
    suspended: bool,
    credit: str,
) -> Decision:
    """配送企业由生产企业自主选定，医疗机构等不得指定或以第三方限制；选定的企业须有配送能力、已登记、未被暂停且信用良好。"""
    distributor = appointee == "distributor"
    wrong_hand = by != "manufacturer"
    # matter, whether it is so, the parameters that forbid it, what is said
    matters = (
        ("appointer", wrong_hand, "appointer", f"配送企业由生产企业自主选定，{BY[by]}不得指定"),
        ("appointer", by == "hospital", "named_by_hospital", "医疗机构不得指定配送企业"),
        ("third_party", via_third_party, "via_third_party", "不得以第三方服务限制配送企业的选择"),
        ("ability", distributor and not able, "able", "该企业没有相应的配送能力"),
        ("registration", distributor and not registered, "registered", "该企业未在平台登记"),
        ("suspension", distributor and suspended, "suspended", "该企业被暂停配送"),
        ("credit", distributor and credit != "none", "discredited", f"该企业信用等级为{GRADES[credit]}"),
    )
    said: dict[str, tuple[Value, str, list[str]]] = {}
    broken: list[str] = []
    regulated = False
    for matter, is_so, key, message in matters:
        values = read.every(f"distributor.{key}")
        regulated = regulated or bool(values)
        for value in values if is_so else ():
            read.use(value)
            said.setdefault(value.clause, (value, f"distributor_{matter}", []))[2].append(message)
            if matter not in broken:
                broken.append(matter)
    if not regulated:
        return read.unregulated()
    for value, code, messages in said.values():
        read.breach(value, code, "；".join(messages))
    if not said:
        _kept(read, by)
    return read.decide({"broken": broken}, judged=True)


def _kept(read: Reading, by: str) -> None:
    """Why it is allowed: who must pick did, and nothing that bars the one picked is known."""
    for value in read.every("distributor.appointer"):
        read.use(value)
        read.explain(value, "appointer_kept", f"由{BY[by]}自主选定")
    for value in read.every("distributor.discredited"):
        if value.clause not in {reason.clause for reason in read.reasons}:
            read.use(value)
            read.explain(value, "good_standing", "未被暂停配送，没有失信等级")
