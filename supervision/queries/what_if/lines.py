"""Alert lines as of each deal, under the law of the time and under drafts, by the rule's twin over many groups: of what was
known that morning, as the night that published them knew it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pricing.models import PriceInformation, PricePublication
from pricing.queries.figures import alert_lines
from sunlight.tenancy.models import Region
from supervision.rules.what_if.judging import BARGAIN, FIRST_DEAL, LINE_KEYS, Line, Lines, Record
from supervision.rules.what_if.laws import Side, said

Key = tuple[str, date, int]


class LinesAsOf:
    """Looks up the lines of a chunk's records in as few statements as it has days: `prepare` the records, then ask for each.

    A record of a day on which no side changes windows or provinces has no lines of its own: its kept line stands.
    """

    def __init__(self, base: Side, sides: Sequence[Side]) -> None:
        self.base, self.sides = base, tuple(sides)
        self._regions = {row.code: row.id for row in Region.objects.all()}
        self._found: dict[Key, Lines] = {}
        self._moved: dict[tuple[str, date, str], bool] = {}

    def __call__(self, record: Record) -> Lines | None:
        if record.price_group is None:
            return None
        return self._found.get((record.region, record.on, record.price_group))

    def moves(self, record: Record) -> bool:
        """Whether a side reckons the line of a record's day otherwise than the law of the time."""
        asked = (record.region, record.on, record.drafts)
        if asked not in self._moved:
            stood = said(self.base.law(*asked), LINE_KEYS)
            self._moved[asked] = any(said(side.law(*asked), LINE_KEYS) != stood for side in self.sides)
        return self._moved[asked]

    def prepare(self, records: Iterable[Record]) -> None:
        """Reckon the lines of these records."""
        self._found = {}
        days: dict[tuple[str, date, str], set[int]] = {}
        for each in records:
            if each.rule in (BARGAIN, FIRST_DEAL) and each.price_group is not None and self.moves(each):
                days.setdefault((each.region, each.on, each.drafts), set()).add(each.price_group)
        for (region, on, drafts), groups in days.items():
            for (day, known), own in self._as_published(region, on, groups).items():
                self._reckon(region, on, drafts, day=day, known=known, groups=sorted(own))

    def _as_published(self, region: str, on: date, groups: set[int]) -> dict[tuple[date, datetime], set[int]]:
        """For which business day, and on what knowledge, the figures of that morning were published: those of the last
        night, or of the group's own last row where no night is on record."""
        night = (
            PricePublication.objects.filter(region__code=region, business_day__lte=on)
            .order_by("-business_day", "-id")
            .values_list("business_day", "known_until")
            .first()
        )
        rows = (
            PriceInformation.objects.filter(region__code=region, price_group_id__in=groups, business_day__lte=on)
            .order_by("price_group_id", "-business_day")
            .distinct("price_group_id")
            .values_list("price_group_id", "business_day", "known_until")
        )
        found: dict[tuple[date, datetime], set[int]] = {}
        for group, day, known in rows:
            as_of = (day, known) if night is None or night[0] < day else night
            found.setdefault(as_of, set()).add(group)
        return found

    def _reckon(self, region: str, on: date, drafts: str, *, day: date, known: datetime, groups: Sequence[int]) -> None:
        asked = {"region_id": self._regions[region], "price_group_ids": groups, "known_until": known}
        laws = {
            said(law, LINE_KEYS): law for law in (side.law(region, day, drafts) for side in (self.base, *self.sides))
        }
        lines = {
            key: {group: Line(price, lowest is not None) for group, (price, lowest) in found.items()}
            for key, found in zip(laws, alert_lines(list(laws.values()), **asked), strict=True)
        }
        reckoned = [lines[said(side.law(region, day, drafts), LINE_KEYS)] for side in (self.base, *self.sides)]
        for group in groups:
            stood, *others = (lines.get(group, Line(None, False)) for lines in reckoned)
            self._found[region, on, group] = Lines(stood, tuple(others))
