"""Written prompts for late payment (GD25-4.8a): the authority's letter to a hospital, with amounts and days in it."""

from collections.abc import Sequence
from datetime import date, datetime

from settlement.models.payment import Payable
from settlement.queries.lateness import arrears_of, payable_in_full, payments_late
from settlement.queries.prompts import SUBJECT, prompted, still_late
from settlement.rules.prompts import payment_prompt
from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, refused_by
from sunlight.journal.services import decide_all, service
from sunlight.kernel.money import fen_text, rmb_upper
from sunlight.kernel.rule import Decision
from sunlight.letters.builtin import filled
from sunlight.letters.models import Letter
from sunlight.letters.queries import wording
from sunlight.letters.services.writing import letter_write
from sunlight.letters.subjects import letter_about
from sunlight.letters.workflows import WRITING, LetterKind
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date

# More do not fit a letter that people read.
MOST_IN_A_LETTER = 100

letter_about(
    SUBJECT,
    "货款",
    desk=(Role.HOSPITAL_FINANCE, Role.HOSPITAL_AUDITOR),
    url_name="settlement:payable",
    still_stands=still_late,
)


@service
def prompt_write(*, actor: Actor, at: datetime, payable_id: int, together: bool = False) -> Letter:
    """The draft of a written prompt for a late payable, or `together` for all late ones of its hospital, the longest late
    first, from the authority's template of prompts or the one built in. Each payable it names is a subject of the letter;
    what `payment.prompt` and `payment.arrears` say of each is kept. Raises NotThere, Forbidden, Refused for an authority
    that prompts nobody or a payable that is not late, Conflict while another prompt about it is prepared or has a term
    that runs."""
    if not actor.has(*WRITING):
        raise Forbidden("not_your_duty", "逾期货款由监管部门书面督促，您的岗位不能起草督促函。")
    today = business_date(at)
    asked = payable_in_full(actor, payable_id, today)
    scope.alone("settlement.prompt", actor.platform_id, asked.buyer_id)
    _may_prompt(actor, asked, today)
    rows = _late_of(actor, asked, today) if together else [asked]
    standing = prompted([row.id for row in rows], today)
    free = [row for row in rows if row.id not in standing][:MOST_IN_A_LETTER]
    if not free:
        raise _prompted_already(standing[asked.id] if asked.id in standing else next(iter(standing.values())))
    letter = _written(actor, at, free, today)
    said = arrears_of(actor, free, today)
    kept = [
        (decision, (SUBJECT, row.id), [row.buyer_id], None)
        for row in free
        for decision in _both(actor, row, said, today)
    ]
    decide_all(kept, actor=actor, at=at)
    return letter


def _both(actor: Actor, row: Payable, said: dict[int, Decision], today: date) -> list[Decision]:
    return [_may_prompt(actor, row, today), *([said[row.id]] if row.id in said else [])]


def _may_prompt(actor: Actor, row: Payable, today: date) -> Decision:
    law = scope.law(actor, today, region=row.region.code)
    days_late = row.days_late if row.is_open and row.days_late else 0
    decision = payment_prompt(law, authority=actor.authority, days_late=max(days_late, 0))
    if decision.refused:
        raise refused_by(decision, subject=(SUBJECT, row.id))
    return decision


def _late_of(actor: Actor, asked: Payable, today: date) -> list[Payable]:
    mine = Payable.objects.visible_to(actor).filter(platform_id=asked.platform_id, buyer_id=asked.buyer_id)
    rows = mine.select_related("invoice", "payee", "buyer", "region")
    return list(payments_late(rows, today).order_by("due_on", "id"))


def _prompted_already(letter: Letter) -> Conflict:
    if letter.due_on:
        return Conflict(
            "prompt_runs", f"{letter.number}正在督促这笔货款，答复期限至 {letter.due_on}。期限届满后方可再次督促。"
        )
    return Conflict("prompt_waits", f"已有一份督促函（{letter.title}）正在办理，请先签发、作废或等候送达。")


def _written(actor: Actor, at: datetime, rows: Sequence[Payable], today: date) -> Letter:
    words = wording(actor, LetterKind.PROMPT, today)
    total = sum(row.missing_fen for row in rows)
    hospital = rows[0].buyer.name
    places = {
        "收件单位": hospital,
        "发文单位": actor.organisation_name,
        "期限": f"{words.term_days}个工作日" if words.term_days else "",
        "截止日": f"{today:%Y年%-m月%-d日}",
        "笔数": str(len(rows)),
        "合计": fen_text(total, grouped=True),
        "大写": rmb_upper(total),
        "最长逾期": str(max(row.days_late for row in rows)),
        "明细": "\n".join(_line(number, row) for number, row in enumerate(rows, start=1)),
    }
    return letter_write(
        actor=actor,
        at=at,
        kind=LetterKind.PROMPT,
        addressee_id=rows[0].buyer_id,
        title=filled(words.title, places),
        text=filled(words.text, places),
        term_days=words.term_days,
        must_acknowledge=words.must_acknowledge,
        must_answer=words.must_answer,
        about=SUBJECT,
        subject_ids=[row.id for row in rows],
    )


def _line(number: int, row: Payable) -> str:
    return (
        f"{number}. 发票 {row.invoice.number}，收款单位 {row.payee.name}，未付 {fen_text(row.missing_fen, grouped=True)} 元，"
        f"最迟付款日 {row.day}，逾期 {row.days_late} 日。"
    )
