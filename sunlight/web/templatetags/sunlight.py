"""How values are written for people: money, quantities, states, working-day countdowns."""

from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from sunlight import scope
from sunlight.files.filetypes import LABELS
from sunlight.journal.declared import EVENTS
from sunlight.kernel import money
from sunlight.kernel.states import PLAIN
from sunlight.kernel.workdays import official
from sunlight.scope.roles import ROLE_LABELS, Role
from sunlight.tenancy.queries.machines import mandate_shown

register = template.Library()


@register.filter
def yuan(fen):
    """Integer fen as grouped yuan: 123456 → 1,234.56."""
    return "—" if fen is None else money.fen_text(fen, grouped=True)


@register.simple_tag(takes_context=True)
def clauses(context, *keys):
    """Links to the clauses that parameters rest on, by the law of the platform today, with a mark on a draft's; nothing where
    no text states them."""
    actor = context["request"].actor
    if not actor.region_code:
        return ""
    law = scope.law(actor, scope.today(actor.platform_code))
    values = [value for key in keys for value in (*law.basis(key), *law.warned_by(key))]
    return format_html_join(
        " ",
        '<a class="clause" href="{}">{}</a>{}',
        ((reverse("supervision:clause", args=[v.clause]), v.clause, _draft(v)) for v in dict.fromkeys(values)),
    )


def _draft(value):
    if not value.is_draft:
        return ""
    return format_html(' <span class="badge bg-yellow-lt">{}</span>', gettext("征求意见稿（演示加载）"))


@register.filter
def capitals(fen):
    """Integer fen as 大写金额."""
    return money.rmb_upper(fen)


@register.filter
def price(value):
    """A unit price, or the difference of two, with at least 2 and at most 4 decimals."""
    if value in (None, ""):
        return "—"
    number = Decimal(value)
    return f"-{money.price_words(-number)}" if number < 0 else money.price_words(number)


@register.filter
def quantity(value):
    """A quantity without needless zeros."""
    return "—" if value in (None, "") else f"{Decimal(value):,.3f}".rstrip("0").rstrip(".")


@register.filter
def percent(rate):
    """A rate as people say it: 0.13 → 13%."""
    return "—" if rate in (None, "") else f"{(Decimal(rate) * 100).normalize():f}%"


@register.inclusion_tag("web/_mandate.html")
def mandate(mandate_id):
    """On the page of a paper: the mandate a machine made it under; nothing where a person did."""
    return {"mandate_id": mandate_id, "mandate": mandate_shown(mandate_id)}


@register.filter
def bracketed(value):
    """A number behind a heading, an addition behind a name: `（3）`, or ` (3)` on an English page."""
    return gettext("（") + str(value) + gettext("）")


@register.filter
def at(mapping, key):
    """What a mapping holds under a key; nothing where it holds none."""
    return mapping.get(key) if mapping else None


@register.filter
def role_label(role):
    return gettext(ROLE_LABELS[Role(role)])


@register.filter
def days_until(day, today):
    """Calendar days from `today` to `day`; negative when past."""
    return None if day is None else (day - today).days


@register.inclusion_tag("web/_countdown.html")
def countdown(last, today):
    """How many working days are left until the end of the day `last`, by the official calendar, as a coloured badge that
    carries its words and its date."""
    return {"left": official().left(today, last), "last": last, "is_today": last == today}


@register.inclusion_tag("web/_state.html")
def state(row, field="state"):
    """A state as a coloured badge that always carries its word."""
    word = getattr(row, f"get_{field}_display")()
    return {"label": gettext(word), "colour": getattr(word, "colour", PLAIN)}


EFFECTS = {"refuse": "拒绝", "flag": "标记", "warn": "提醒", "info": "说明"}


@register.filter
def effect_label(effect):
    return gettext(EFFECTS[effect]) if effect in EFFECTS else effect


@register.filter
def file_kind(content_type):
    """A kept file's type in words."""
    return gettext(LABELS.get(content_type, "其他文件"))


@register.filter
def kilobytes(size):
    """Bytes as whole kilobytes, rounded up."""
    return f"{-(-size // 1024):,}"


@register.filter
def event_label(name):
    """An event's name as people say it; one that a later release recorded keeps its own."""
    return gettext(EVENTS[name].words) if name in EVENTS else name


@register.filter
def plain(value):
    """Facts and outcomes in a table cell: lists shortened to their count where they are long, nothing as a dash."""
    if value is None or value == "":
        return "—"
    if value is True or value is False:
        return gettext("是") if value else gettext("否")
    if isinstance(value, dict):
        return "；".join(f"{key} {plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        value = [each for each in value if each not in (None, [], {})]
        shown = "，".join(str(plain(each)) for each in value[:20])
        return shown if len(value) <= 20 else f"{shown} …（共 {len(value)} 项）"
    return value
