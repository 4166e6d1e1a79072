"""The list of official letters, the same for both sides."""

import unicodedata

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from sunlight.letters import queries
from sunlight.letters.workflows import WRITING, LetterKind, LetterState
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Choice, Filters, Since, State, Text, Until
from sunlight.web.pages import clock

_BRACKETS = str.maketrans(dict.fromkeys("[(【", "〔") | dict.fromkeys("])】", "〕"))


def plain_number(typed: str) -> str:
    """A letter's number as it is written, whatever brackets and digits were typed: 深医保督(2026)3号."""
    return (
        unicodedata.normalize("NFKC", typed.replace("〔", "[").replace("〕", "]")).translate(_BRACKETS).replace(" ", "")
    )


class LetterNumber(Text):
    """A letter's number or part of it."""

    def filter(self, rows, value):
        return super().filter(rows, plain_number(value) if value else value)


class Waiting(Choice):
    """What waits for somebody: the addressee, or the sender's word on more time."""

    def filter(self, rows, value):
        if value == "1":
            return rows.filter(state__in=queries.WAITING)
        if value == "late":
            return rows.filter(is_late=True)
        if value == "extension":
            asked = queries.extensions_waiting().filter(letter=OuterRef("pk"))
            return rows.filter(Exists(asked))
        return rows


class LetterFilters(Filters):
    state = State(LetterState)
    kind = State(LetterKind, field_name="kind", label=_("种类"))
    q = LetterNumber("number", label=_("发文字号"))
    title = Text("title", label=_("标题"))
    party = Text("addressee__name", "sender__name", label=_("单位名称"))
    waiting = Waiting(
        [("1", _("等待收件单位")), ("late", _("已过期限")), ("extension", _("申请延期"))], label=_("等待")
    )
    since = Since("sent_at", label=_("签发日起"), moments=True)
    until = Until("sent_at", label=_("签发日止"), moments=True)


def _late(row) -> list[tuple[str, object]]:
    return [("red", _("已过期限"))] if row.is_late else []


def _writes(actor: Actor) -> bool:
    return actor.has(*WRITING)


LETTERS = Table(
    key="letters.letters",
    url_name="letters:letters",
    section=_("公函"),
    title=_("公函"),
    rows=lambda request: queries.letters_listed(request.actor, business_date(clock(request))),
    columns=(
        Column(_("标题"), "title", "sentence", link=to("letters:letter"), below=lambda row: row.number or ""),
        Column(_("种类"), "kind", "state", sort="kind"),
        Column(_("发文单位"), "sender.name", key="sender", sort="sender__name"),
        Column(_("收件单位"), "addressee.name", key="addressee", sort="addressee__name"),
        Column(_("签发时间"), "sent_at", "moment", sort="sent_at"),
        Column(_("期限"), "due_on", "day", sort="due_on", badges=_late),
        Column(_("状态"), "state", "state"),
    ),
    filters=LetterFilters,
    tabs="state",
    buttons=(
        Button(_("公函模板"), "letters:letter_templates", only=_writes),
        Button(_("起草公函"), "letters:letter_new", primary=True, only=_writes),
    ),
    empty=Empty(_("没有公函"), _("监管部门发出的督促、提醒、问询、约谈、整改等公函会显示在这里。")),
)
