"""The lists of registration: applications, qualifications."""

from django.utils.translation import gettext_lazy as _

from sunlight.registration import queries
from sunlight.registration.services.review import OWNERS
from sunlight.registration.workflows import QualificationState, RegistrationState
from sunlight.web.lists import Button, Column, Empty, Table, to
from sunlight.web.lists.filters import Filters, Since, State, Text, Until


class RegistrationFilters(Filters):
    state = State(RegistrationState)
    q = Text("number", "name", "credit_code", label=_("编号、名称或信用代码"))
    since = Since("submitted_at", label=_("提交日起"), moments=True)
    until = Until("submitted_at", label=_("提交日止"), moments=True)


# The keys of both lists are kept in saved views and known to clients of the API: they stay wherever the lists move.
REGISTRATIONS = Table(
    key="accounts.registrations",
    url_name="registration:registrations",
    section=_("系统"),
    title=_("机构登记"),
    rows=lambda request: queries.applications_visible_to(request.actor),
    columns=(
        Column(_("申请编号"), "number", "code", sort="number", link=to("registration:review")),
        Column(_("机构"), "name", sort="name", below="credit_code"),
        Column(_("类型"), lambda row: row.get_kind_display(), key="kind"),
        Column(_("状态"), "state", "state"),
        Column(_("提交时间"), "submitted_at", "moment", sort="submitted_at"),
        Column(_("审核时间"), "reviewed_at", "moment", sort="reviewed_at"),
    ),
    filters=RegistrationFilters,
    tabs="state",
    trace=("registration", "id"),
    empty=Empty(_("没有登记申请"), _("医院、企业在“机构登记”公开页面提交申请后会出现在这里。")),
)


class QualificationFilters(Filters):
    state = State(QualificationState)
    q = Text("organisation__name", "number", label=_("机构或证号"))
    until = Until("valid_until", label=_("到期日止"))


QUALIFICATIONS = Table(
    key="accounts.qualifications",
    url_name="registration:qualifications",
    section=_("工作台"),
    title=lambda actor: _("单位资质") if actor.is_party else _("机构资质"),
    rows=lambda request: queries.qualifications_visible_to(request.actor),
    columns=(
        Column(_("资质"), lambda row: row.get_kind_display(), key="kind", link=to("registration:qualification")),
        Column(
            _("机构"), "organisation.name", key="organisation", sort="organisation__name", only=lambda a: not a.is_party
        ),
        Column(_("证号"), "number", "code", sort="number"),
        Column(_("有效期至"), "valid_until", "day", sort="valid_until"),
        Column(_("状态"), "state", "state"),
        Column(_("申报时间"), "declared_at", "moment", sort="declared_at"),
    ),
    filters=QualificationFilters,
    tabs="state",
    trace=("qualification", "id"),
    buttons=(Button(_("申报资质"), "registration:qualification_new", primary=True, only=lambda a: a.has(*OWNERS)),),
    empty=Empty(
        _("没有资质记录"), _("登记时提交的证照会保存在这里；变更与换新由单位管理员申报，经运营机构确认后生效。")
    ),
)
