"""The templates an authority has before it makes its own, and how named places are filled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sunlight.letters.workflows import LetterKind as K

_PLACE = re.compile(r"\{([^{}\n]{1,20})\}")

# Filled by themselves in every letter; all others by whoever writes it.
PLACES = ("收件单位", "发文单位", "期限")

# What stands for the kind in a number: each kind has its own series.
SIGNS = {
    K.LETTER: "函",
    K.PROMPT: "督",
    K.REMINDER: "提",
    K.INQUIRY: "询",
    K.INTERVIEW: "约",
    K.RECTIFICATION: "责改",
    K.CIRCULAR: "通",
    K.TRANSFER: "移",
}


@dataclass(frozen=True)
class Written:
    """A letter's words before its places are filled. `term_days` are working days; None where nothing is asked for."""

    kind: K
    title: str
    text: str
    must_acknowledge: bool = True
    must_answer: bool = True
    term_days: int | None = None


def filled(text: str, places: Mapping[str, str]) -> str:
    """The text with these places filled; a place that is not among them stays as it is."""
    return _PLACE.sub(lambda found: places.get(found[1], found[0]), text)


def unfilled(text: str) -> list[str]:
    """The places that nobody has filled, in order, each once."""
    return list(dict.fromkeys(_PLACE.findall(text)))


BUILTIN = {
    each.kind: each
    for each in (
        Written(
            K.LETTER,
            "关于{事由}的函",
            "{收件单位}：\n\n{正文}\n\n请于收到本函之日起{期限}内书面答复。\n\n联系人及电话：{联系方式}",
        ),
        Written(
            K.PROMPT,
            "关于及时结清医用耗材货款的督促函",
            "{收件单位}：\n\n经查，截至{截止日}，你单位下列{笔数}笔医用耗材货款已过最迟付款日仍未付清，合计{合计}元"
            "（人民币{大写}），最长逾期{最长逾期}日：\n\n{明细}\n\n"
            "请你单位切实承担采购结算主体责任，按合同约定及时结清上述货款，并于收到本函之日起{期限}内通过本平台书面答复付款安排；"
            "确有特殊情况的，请说明原因并附证明材料。需要延期答复的，请在期限届满前通过本平台提出申请。逾期未答复的，将计为督促未回应。",
        ),
        Written(
            K.REMINDER,
            "关于{事由}的提醒函",
            "{收件单位}：\n\n我们注意到：{事实}\n\n依据：{依据}\n\n现提醒你单位：{要求}\n\n请于收到本函之日起{期限}内签收，并将改进情况及时告知我们。",
            must_answer=False,
        ),
        Written(
            K.INQUIRY,
            "关于{事由}的问询函",
            "{收件单位}：\n\n为了解有关情况，现就下列问题向你单位问询：\n\n{问题}\n\n"
            "请于收到本函之日起{期限}内书面答复（加盖单位公章），并提交下列材料：\n\n{材料}\n\n确需延期的，可在期限届满前申请一次。",
        ),
        Written(
            K.INTERVIEW,
            "关于{事由}的约谈通知",
            "{收件单位}：\n\n因{事由}，定于{时间}在{地点}约谈你单位{参加人员}。\n\n约谈目的：{目的}\n\n请携带：{材料}\n\n"
            "请于收到本通知之日起{期限}内确认参加人员。\n\n联系人及电话：{联系方式}",
        ),
        Written(
            K.RECTIFICATION,
            "关于{事由}的责令整改通知",
            "{收件单位}：\n\n经查：{事实}\n\n上述情况不符合：{依据}\n\n现责令你单位整改：{整改要求}\n\n"
            "请于收到本通知之日起{期限}内完成整改，并提交整改报告和证明材料。对本通知有异议的，可以向我们陈述、申辩。",
        ),
        Written(
            K.CIRCULAR,
            "关于{事由}的通报",
            "{收件单位}：\n\n现将有关情况通报如下：\n\n{事实}\n\n{要求}",
            must_acknowledge=False,
            must_answer=False,
        ),
        Written(
            K.TRANSFER,
            "关于移送{事由}的函",
            "{收件单位}：\n\n我们在工作中发现下列情况，按照职责分工移送你单位处理：\n\n{事实}\n\n移送材料：{材料}\n\n"
            "请于收到本函之日起{期限}内签收，并将处理结果函告我们。",
            must_answer=False,
        ),
    )
}
