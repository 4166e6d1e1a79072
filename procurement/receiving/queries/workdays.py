"""The n-th working day after a day as SQL: the twin of `sunlight.kernel.workdays` (A17)."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateField, Func, Value
from django.db.models.expressions import Combinable

from sunlight.kernel.workdays import official

_DAYS = ArrayField(DateField())


class NthWorkday(Func):
    """The n-th working day after `start`, which itself never counts; NULL where either is NULL. Looks far enough ahead for
    any row of holidays; a year without a notice counts Monday to Friday."""

    template = (
        "(select (array_agg(v.day + k order by k))[min(v.days)]"
        " from (select %(expressions)s) v (day, days, workdays, holidays), generate_series(1, 7 * v.days + 40) k"
        " where (v.day + k) = any(v.workdays)"
        " or (extract(isodow from v.day + k) < 6 and (v.day + k) <> all(v.holidays)))"
    )
    output_field = DateField()

    def __init__(self, start: Combinable, days: Combinable):
        calendar = official()
        super().__init__(start, days, Value(sorted(calendar.workdays), _DAYS), Value(sorted(calendar.holidays), _DAYS))
