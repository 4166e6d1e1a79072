"""Where and how an institution may buy: on which platform, or off all of them."""

from collections.abc import Mapping
from typing import Any

from sunlight.kernel.facts import BOOL, DAY, Choice, Field
from sunlight.kernel.policy import Value
from sunlight.kernel.rule import Decision, Reading, rule
from sunlight.tenancy.rules import OWNERSHIPS, is_public

OFFLINE = "offline"
PLATFORMS = {
    "gd-sz": "深圳平台",
    "gd": "广东省平台",
    "gd-gz": "广州平台",
    "hb": "湖北省平台",
    "hb-xn": "咸宁原平台",
    "js": "江苏省平台",
    OFFLINE: "线下（平台以外）",
}
GROUNDS = {
    "none": "无",
    "rescue": "抢救",
    "special_disease": "特殊病种（罕见病）",
    "public_health": "突发公共卫生事件",
    "disaster": "灾害",
    "clinical_need": "临床必需",
    "new_technology": "新技术新项目",
}
FUND = {"not_paid": "不予支付", "may_deduct": "核实后可从年度预算扣减", "after_filing": "补办备案后支付"}
WHERE = {"city": "本市平台", "province": "省平台", "any": "省、市目录"}


@rule(
    "purchase.channel",
    title="采购渠道",
    where="深圳自 2020-07-01；广东 2025-12-01 至 2030-11-30；湖北自 2020-06-18；江苏自 2020-05-01",
    clauses=(
        "SZ20-3.1",
        "SZ20-5.2.0",
        "SZ20-5.2.4",
        "SZ20-6.2a",
        "SZ24-3.4a",
        "GD25-2.2a",
        "GD25-2.3a",
        "GD25-3.4d",
        "HB20-2a",
        "HB20-5.2",
        "XN20-1",
        "XN20-2",
        "XN20-3b",
        "JS20-2",
        "JS20-4",
        "JS20-19",
        "JS20-26",
        "ASSUMPTION-A19",
        "ASSUMPTION-A36",
        "ASSUMPTION-A37",
    ),
    parameters=(
        "tenancy.participation",
        "tenancy.public_ownership",
        "purchase.platforms",
        "purchase.transition",
        "purchase.old_platform",
        "purchase.offline",
        "purchase.offline_exception",
        "purchase.offline_listed",
        "purchase.listed",
        "purchase.fund",
    ),
    facts=(
        Field("ownership", Choice(OWNERSHIPS), "医疗机构的举办性质"),
        Field("platform", Choice(PLATFORMS), "采购平台，或线下"),
        Field("ground", Choice(GROUNDS), "线下采购的理由", required=False, default="none"),
        Field("listed_city", BOOL, "是否在本市平台（江苏：市级目录）挂网"),
        Field("listed_province", BOOL, "是否在省平台（子系统、省级目录）挂网"),
    ),
    outcome=(
        Field("bound", BOOL, "是否须参加的公立医疗机构"),
        Field("case", BOOL, "是否列为线下采购案件"),
        Field("fund", Choice(FUND), "医保基金如何支付"),
        Field("file_after", BOOL, "须事后补办登记（备案）"),
        Field("last_day", DAY, "该平台的最后交易日"),
    ),
)
def purchase_channel(
    read: Reading, *, ownership: str, platform: str, ground: str, listed_city: bool, listed_province: bool
) -> Decision:
    """公立医疗机构只在规定的平台采购已挂网的产品，线下采购仅限规定的理由且产品未挂网；其他机构自愿参加，在平台上采购的须遵守平台规则。"""
    taking = read.find("tenancy.participation")
    if taking is None:
        return read.unregulated()
    read.at("tenancy.public_ownership")
    bound = "public" in taking.value["mandatory"] and is_public(read.law, ownership)
    look = _Look(read, bound, platform, {"city": listed_city, "province": listed_province})
    old = look.old_platform()
    excepted = False
    if platform != OFFLINE:
        look.on_a_platform()
    elif bound:
        excepted = look.offline(ground)
    look.reasons(taking, ownership)
    refused = read.broken
    outcome = {
        "bound": bound,
        "case": refused and bound and platform == OFFLINE,
        "fund": look.fund(excepted),
        "file_after": excepted and not refused,
        "last_day": old["last_day"] if old else None,
    }
    return read.decide(outcome, judged=True)


class _Look:
    """One way of buying put to the texts in force; each text refuses at most once."""

    def __init__(self, read: Reading, bound: bool, platform: str, listed: Mapping[str, bool]) -> None:
        self.read, self.bound, self.platform, self._listed = read, bound, platform, listed
        self._broken: dict[str, tuple[Value, str, list[str]]] = {}
        self._kept: list[tuple[Value, str, str]] = []

    def listed(self, where: str) -> bool:
        """Whether the product is listed on the city's platform, the province's, or any of them."""
        return any(self._listed.values()) if where == "any" else self._listed[where]

    def breaks(self, value: Value, code: str, message: str) -> None:
        self._broken.setdefault(value.clause, (value, code, []))[2].append(message)

    def keeps(self, value: Value, code: str, message: str) -> None:
        self._kept.append((value, code, message))

    def old_platform(self) -> Mapping[str, Any] | None:
        """What is said of the platform where it was shut; from the day after no buyer may use it."""
        value = self.read.law.find("purchase.old_platform")
        if value is None or value.value["platform"] != self.platform:
            return None
        self.read.use(value)
        last = value.value["last_day"]
        if self.read.on > last:
            self.breaks(value, "platform_shut", f"{PLATFORMS[self.platform]}已于 {last} 关停，不再接受交易")
        else:
            self.keeps(value, "platform_until", f"{PLATFORMS[self.platform]}可以交易至 {last}（当日计入）")
        return value.value

    def on_a_platform(self) -> None:
        """A platform of the region's texts, and a product that is listed where they ask for it."""
        named, here = self.read.every("purchase.platforms"), PLATFORMS.get(self.platform, self.platform)
        open_to_all = {each for value in named for each in value.value}
        for value in named:
            self.read.use(value)
            words = "、".join(PLATFORMS.get(each, each) for each in value.value)
            if self.platform in open_to_all:
                self.keeps(value, "platform_named", f"公立医疗机构在规定的平台采购，{here}在其中")
            elif self.bound:
                self.breaks(value, "other_platform", f"公立医疗机构只能在{words}采购，不能在{here}采购")
        for value in self.read.every("purchase.transition"):
            if self.platform in value.value:
                self.read.use(value)
                last = value.valid_to
                self.keeps(value, "transition", f"过渡期内逐步转入省平台，新旧平台均可采购，至 {last} 止")
        if self.platform not in open_to_all:
            return
        for value in self.read.every("purchase.listed"):
            asked = value.value
            if asked["buyers"] == "bound" and not self.bound:
                continue
            self.read.use(value)
            where = WHERE[asked["listed"]]
            if self.listed(asked["listed"]):
                self.keeps(value, "listed", f"产品已在{where}挂网")
            else:
                self.breaks(value, "not_listed_there", f"产品未在{where}挂网，不能采购")

    def offline(self, ground: str) -> bool:
        """Whether buying off the platforms is one of the exceptions."""
        read = self.read
        exception, bans = read.law.find("purchase.offline_exception"), read.every("purchase.offline")
        excepted = False
        if exception is not None and bans:
            read.use(exception)
            grounds, where = exception.value["grounds"], exception.value["unlisted"]
            excepted = ground in grounds and not self.listed(where)
            if excepted:
                self.keeps(
                    exception, "exception", f"{GROUNDS[ground]}，且未在{WHERE[where]}挂网，可以线下采购，事后登记"
                )
        for ban in bans:
            read.use(ban)
            if not excepted:
                self.breaks(ban, "offline_banned", "公立医疗机构不得线下采购")
        for ban in read.every("purchase.offline_listed"):
            if self.listed("province"):
                read.use(ban)
                self.breaks(ban, "offline_though_listed", "省平台已挂网的产品不得线下采购")
        for value in read.every("purchase.transition") if not bans else ():
            read.use(value)
            self.keeps(value, "transition", f"过渡期内尚不禁止平台以外的采购，至 {value.valid_to} 止")
        return excepted

    def fund(self, excepted: bool) -> str | None:
        """What the insurance fund does, where a text says so, for those bound."""
        value = self.read.law.find("purchase.fund") if self.bound else None
        if value is None:
            return None
        inside = self.listed("any")
        case = None if inside else "outside"
        if self.platform == OFFLINE:
            case = "filed" if excepted else "offline" if inside else "outside"
        if case is None:
            return None
        self.read.use(value)
        return value.value[case]

    def reasons(self, taking: Value, ownership: str) -> None:
        """Each text's breach, then what the others say."""
        for value, code, messages in self._broken.values():
            self.read.breach(value, code, "；".join(messages))
        part = "须参加阳光采购" if self.bound else "自愿参加，只受平台交易规则约束"
        self._kept.insert(0, (taking, "takes_part", f"{OWNERSHIPS[ownership]}医疗机构{part}"))
        said: dict[str, tuple[Value, str, list[str]]] = {}
        for value, code, message in self._kept:
            if value.clause not in self._broken:
                said.setdefault(value.clause, (value, code, []))[2].append(message)
        for value, code, messages in said.values():
            self.read.explain(value, code, "；".join(messages))
