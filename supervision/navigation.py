from django.utils.translation import gettext_lazy as _

from sunlight.web import figures, navigation
from sunlight.web.pages import EVERY_ROLE
from supervision.queries.parts import WATCHERS

navigation.add("监管", "未予受理记录", "supervision:refusals", *EVERY_ROLE, icon="ban", order=80)
navigation.add("监管", "规则试算", "supervision:rules", *EVERY_ROLE, icon="calculator", order=60)
navigation.add("监管", "法规库", "supervision:acts", *EVERY_ROLE, icon="book", order=70)
navigation.add("监管", "监管总览", "supervision:overview", *WATCHERS, icon="chart-bar", order=10)

figures.add(_("本月未予受理"), "supervision.refusals", figures.month(), *EVERY_ROLE)
