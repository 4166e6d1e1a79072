"""Rules about who a party is: the unified social credit code (GB 32100)."""

from dataclasses import dataclass

from sunlight.kernel.facts import BOOL, TEXT, Field
from sunlight.kernel.policy import Law
from sunlight.kernel.rule import Decision, Reading, rule

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18
_BASE = len(ALPHABET)


def uscc_check_character(first_17: str) -> str:
    """The 18th character for the first 17 (all of the alphabet), MOD 31-3 of GB 32100."""
    total = sum(ALPHABET.index(character) * pow(3, place, _BASE) for place, character in enumerate(first_17))
    return ALPHABET[-total % _BASE]


def uscc_is_valid(code: str) -> bool:
    """Whether `code`, exactly as given, has the form and the check character of GB 32100."""
    if len(code) != _LENGTH or any(character not in ALPHABET for character in code):
        return False
    # isdigit would take digits of other scripts, but the alphabet has already excluded them
    return code[2:8].isdigit() and code[-1] == uscc_check_character(code[:-1])


@rule(
    "uscc.check",
    title="统一社会信用代码校验",
    where="全国，任何日期",
    clauses=(),
    facts=(Field("code", TEXT, "统一社会信用代码（原样，不作任何整理）"),),
    outcome=(Field("valid", BOOL, "是否有效"),),
)
def uscc_check(read: Reading, *, code: str) -> Decision:
    """统一社会信用代码须为 18 位、第 3 至 8 位为数字且校验码正确（GB 32100）。"""
    return read.decide({"valid": uscc_is_valid(code)})


@dataclass(frozen=True, slots=True)
class Participation:
    """Whether an institution must, may or cannot take part in a region's platform, and the clause that says so."""

    kind: str
    clause: str


def participation(law: Law, *, group: str, designated: bool = False) -> Participation:
    """公立医疗机构应当参加阳光采购，其他医疗机构按当地规定自愿参加（SZ20-3.1、HB20-2a、JS20-2）。

    `group` is public, military or private; a private institution may be designated by the authority. Kinds: mandatory,
    voluntary, none (the law of the day admits no such institution), open (no law of the day speaks of it).
    """
    value = law.find("tenancy.participation")
    if value is None:
        return Participation("open", "")
    names = {group} | ({f"{group}_designated"} if designated else set())
    for kind in ("mandatory", "voluntary"):
        if names & set(value.value[kind]):
            return Participation(kind, value.clause)
    return Participation("none", value.clause)
