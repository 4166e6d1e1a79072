from sunlight.web import navigation
from sunlight.web.pages import EVERY_ROLE

navigation.add("监管", "未予受理记录", "supervision:refusals", *EVERY_ROLE, icon="ban", order=80)
