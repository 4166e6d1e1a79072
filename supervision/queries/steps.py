"""Steps whose time passed, as figures of the overview count them: on their last day, done late or not at all (GD25-5.10a)."""

from collections.abc import Callable

from django.db.models import BigIntegerField, F, Q, QuerySet, Value

from procurement.contracts.steps import CONTRACT_SIGN
from procurement.ordering.steps import ORDER_ANSWER
from procurement.receiving.steps import INVOICE
from sunlight.deadlines.kinds import DeadlineKind
from sunlight.deadlines.models import Deadline

PASSED = Q(passed_on__isnull=False)


def steps(kind: DeadlineKind, **whose) -> Callable[[], QuerySet]:
    def rows() -> QuerySet:
        limits = Deadline.objects.filter(kind=kind.key, **whose)
        return limits.annotate(day=F("due_on"), fen=Value(0, BigIntegerField()))

    return rows


order_answers = steps(ORDER_ANSWER)
firm_signatures = steps(CONTRACT_SIGN, owes=F("seller"))
hospital_signatures = steps(CONTRACT_SIGN, owes=F("buyer"))
invoices = steps(INVOICE)
