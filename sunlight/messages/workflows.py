"""The life of a message's companions: an operator's notice, a mail on its way."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class NoticeState(States):
    PUBLISHED = "PUBLISHED", "已发布", "green"
    WITHDRAWN = "WITHDRAWN", "已撤回"


NOTICE = Machine(
    "notice",
    NoticeState.PUBLISHED,
    (Move("withdraw", {NoticeState.PUBLISHED}, NoticeState.WITHDRAWN, by={Role.OPERATOR_SUPPORT}, words="撤回通知"),),
)


class MailState(States):
    WAITING = "WAITING", "待发送"
    SENT = "SENT", "已发送"
    DROPPED = "DROPPED", "不再发送"
    GIVEN_UP = "GIVEN_UP", "发送失败"


MAIL = Machine(
    "mail",
    MailState.WAITING,
    (
        Move("send", {MailState.WAITING}, MailState.SENT, by={Role.SYSTEM}, words="发送"),
        Move("drop", {MailState.WAITING}, MailState.DROPPED, by={Role.SYSTEM}, words="取消发送"),
        Move("give_up", {MailState.WAITING}, MailState.GIVEN_UP, by={Role.SYSTEM}, words="放弃发送"),
    ),
)
