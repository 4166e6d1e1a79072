"""The list of events that were given up."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.journal import relay
from sunlight.web.lists import Column, Empty, Table
from sunlight.web.lists.filters import Filters, Since, Text, Until
from sunlight.web.templatetags.sunlight import event_label


class DeadLetterFilters(Filters):
    q = Text("subscriber", "last_error", label=_("订阅方或错误信息"))
    since = Since("event__occurred_at", label=_("发生日起"), moments=True)
    until = Until("event__occurred_at", label=_("发生日止"), moments=True)


DEAD_LETTERS = Table(
    key="operations.dead_letters",
    url_name="operations:dead_letters",
    section=_("系统"),
    title=_("未送达事件"),
    rows=lambda request: relay.given_up_visible_to(request.actor),
    columns=(
        Column(_("发生时间"), "event.occurred_at", "moment", key="occurred_at", sort="event__occurred_at"),
        Column(_("事件"), lambda row: event_label(row.event.name), key="event", sort="event__name"),
        Column(
            _("单据"),
            lambda row: f"{row.event.subject_type} {row.event.subject_id}",
            "code",
            key="subject",
            link=lambda row: reverse("supervision:trace", args=[row.event.subject_type, row.event.subject_id]),
        ),
        Column(_("订阅方"), "subscriber", "code", sort="subscriber"),
        Column(_("次数"), "attempts", "count", sort="attempts"),
        Column(_("最后一次错误"), "last_error"),
    ),
    filters=DeadLetterFilters,
    actions="operations/_retry.html",
    empty=Empty(_("没有未送达的事件"), _("事件提交后约一秒内送达各模块；连续十次失败的会列在这里，排除原因后可重试。")),
)
