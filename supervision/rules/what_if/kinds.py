"""The words of 政策试算: what a draft makes of a record, why one could not be judged, and by what results are summed."""

from sunlight.kernel.policy import Status
from sunlight.kernel.states import States

# Two drafts beside each other.
SIDES = ("甲", "乙")
STATUSES = {Status.IN_FORCE: "按已施行试算", Status.DRAFT: "按征求意见稿试算"}
DIMENSIONS = {
    "clause": "按条款",
    "buyer": "按医疗机构",
    "seller": "按供应企业",
    "category": "按类别",
    "product": "按产品",
    "month": "按月份",
    "subject": "按单据",
}


class Kind(States):
    """What a draft makes of a record."""

    REFUSED = "refused", "改为不予受理", "red"
    FREED = "freed", "改为受理", "green"
    WARNED = "warned", "新增提醒", "yellow"
    CALMED = "calmed", "不再提醒"
    LINKED = "linked", "改为按成交价联动", "blue"
    UNLINKED = "unlinked", "不再联动"
    ANSWER = "answer", "答复期限或后果改变"
    EARLIER = "earlier", "应付日提前"
    LATER = "later", "应付日推后"


class Unjudged(States):
    """Why a record could not be judged again."""

    FACTS = "facts", "保存的事实不完整，规则不能再算"
    DIFFERENT = "different", "按当时的法律重算，与保存的结论不一致（规则已修正，或事实不全）"
    NOT_ASKED = "not_asked", "草案要看当时没有查询、因而没有保存的事实"
    SISTER = "sister", "预警线取自同注册证的另一计价组，不能单独重算"
    LINE = "line", "按当时已知的数据重算的预警线与公布的不一致"
    COMPARED = "compared", "草案改变了有无比价，首批成交要看的情况当时没有记录"
