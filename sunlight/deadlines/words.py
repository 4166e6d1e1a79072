"""How a time limit reads: which text orders it, and who set how many days."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

ASSUMED = "ASSUMPTION-"


def basis_words(facts: Mapping) -> str:
    """依据 GD25-5.10a；平台推定 A89：2 个工作日. What is of no text says so."""
    unit = "个工作日" if facts["in_working_days"] else "日"
    clause = facts["clause"]
    set_by = f"平台推定 {clause.removeprefix(ASSUMED)}" if clause.startswith(ASSUMED) else f"依据 {clause}"
    said = f"{set_by}：{facts['days']} {unit}"
    return f"依据 {facts['demanded_by']}；{said}" if facts["demanded_by"] else said


def days_words(days: int, in_working_days: bool) -> str:
    """A number of days with its unit, in the reader's language."""
    return _("%(days)s 个工作日") % {"days": days} if in_working_days else _("%(days)s 日") % {"days": days}


def named(products: Iterable[str]) -> str:
    """Products as a message names them: the first, and how many there are."""
    names = list(dict.fromkeys(products))
    return f"{names[0]} 等 {len(names)} 种产品" if len(names) > 1 else "".join(names)
