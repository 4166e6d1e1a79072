"""Both sides of a step learn that its time is over."""

from datetime import datetime

from sunlight.deadlines.events import DEADLINE_PASSED
from sunlight.deadlines.kinds import KINDS
from sunlight.deadlines.words import basis_words
from sunlight.deadlines.workflows import DeadlineState
from sunlight.journal.subscriptions import subscribe
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor
from sunlight.tenancy.models import Organisation


@subscribe(DEADLINE_PASSED, name="deadlines.passed")
def deadline_passed(*, event, actor: Actor, at: datetime) -> None:
    """Whoever owes the step must acknowledge a message, whoever waits gets one (GD25-5.10a); both name firm, hospital and
    product. What has ended by now was late all the same, and nobody is urged."""
    facts = event.payload
    kind = KINDS.get(facts["kind"])
    if kind is None or facts["state"] != DeadlineState.PASSED:
        return
    names = dict(Organisation.objects.filter(id__in=[facts["owes"], facts["awaits"]]).values_list("id", "name"))
    owes, awaits = names[facts["owes"]], names[facts["awaits"]]
    title = f"{kind.noun} {facts['number']} 已超过时限：{kind.label}"
    limit = f"应于 {facts['due_on']} 24 时前办理（{basis_words(facts)}）"
    subject = (kind.subject_type, facts[kind.subject_type])
    urged = f"{awaits}等待贵单位办理：{facts['about']}。{limit}。{kind.way_out}逾期已记录，监管部门可见。"
    told = f"{owes}尚未办理：{facts['about']}。{limit}。对方已收到催办。"
    for of, to, body in ((kind.owed, facts["owes"], urged), (kind.awaited, facts["awaits"], told)):
        message_send(actor=actor, at=at, kind=of, to=[to], title=title, body=body, subject=subject, event=event)
