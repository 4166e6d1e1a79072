"""What a chunk of a run found, summed by everything a regulator asks by, and the first records of each kind kept whole."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from supervision.models import WhatIfChange, WhatIfRun
from supervision.rules.what_if.judging import Changed, Kind, Record, Unjudged

# Of each kind and side so many records are kept; the sums count all.
MOST_CHANGES = 1_000
_COUNT, _FEN, _SAVED, _DAYS = range(4)
_WRITE = """
insert into supervision_whatifsum
       (platform_id, organisation_id, run_id, side, dimension, key, kind, count, fen, saved_fen, days)
select %s, %s, %s, side, dimension, key, kind, count, fen, saved_fen, days
  from unnest(%s::smallint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
       as found (side, dimension, key, kind, count, fen, saved_fen, days)
    on conflict (run_id, dimension, side, kind, key) do update
   set count = supervision_whatifsum.count + excluded.count, fen = supervision_whatifsum.fen + excluded.fen,
       saved_fen = supervision_whatifsum.saved_fen + excluded.saved_fen,
       days = supervision_whatifsum.days + excluded.days"""


class Found:
    """The changes of a chunk; `kept` counts the rows of each side and kind that stand already."""

    def __init__(self, run: WhatIfRun, kept: Mapping[str, int]) -> None:
        self.run, self.kept = run, dict(kept)
        self.products: set[int] = set()
        self._changed: list[tuple[int, Record, Changed]] = []
        self._unjudged: dict[int, dict[str, int]] = {}

    def add(self, side: int, record: Record, answer: Changed | Unjudged | None) -> None:
        """Take what a side makes of a record."""
        if isinstance(answer, Unjudged):
            counts = self._unjudged.setdefault(side, {})
            counts[str(answer)] = counts.get(str(answer), 0) + 1
        elif answer is not None:
            self._changed.append((side, record, answer))
            if record.price_group is not None:
                self.products.add(record.price_group)

    def unjudged(self, sides: int) -> list[dict[str, int]]:
        """For each side why how many records could not be judged."""
        return [self._unjudged.get(side, {}) for side in range(sides)]

    def write(self, categories: Mapping[int, str]) -> None:
        """Add the sums, and keep the first rows of each kind."""
        sums: dict[tuple, list[int]] = {}
        rows: list[WhatIfChange] = []
        for side, record, change in self._changed:
            for kind in change.kinds:
                for dimension, key in _keys(record, change, categories):
                    found = sums.setdefault((side, dimension, key, str(kind)), [0, 0, 0, 0])
                    found[_COUNT] += 1
                    found[_FEN] += record.fen
                    found[_SAVED] += change.saved_fen if kind is Kind.REFUSED else 0
                    found[_DAYS] += change.days
                place = f"{side}:{kind}"
                if self.kept.get(place, 0) < MOST_CHANGES:
                    self.kept[place] = self.kept.get(place, 0) + 1
                    rows.append(self._row(side, kind, record, change))
        WhatIfChange.objects.bulk_create(rows, batch_size=2_000)
        self._write_sums(sums)

    def _write_sums(self, sums: Mapping[tuple, list[int]]) -> None:
        if not sums:
            return
        # In the order of the key: two chunks at once would otherwise wait for each other's rows crosswise.
        ordered = sorted(sums.items())
        columns: list[Any] = [[key[place] for key, _ in ordered] for place in range(4)]
        columns += [[values[place] for _, values in ordered] for place in range(4)]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [self.run.platform_id, self.run.organisation_id, self.run.id, *columns])

    def _row(self, side: int, kind: Kind, record: Record, change: Changed) -> WhatIfChange:
        return WhatIfChange(
            platform_id=self.run.platform_id,
            organisation_id=self.run.organisation_id,
            run=self.run,
            side=side,
            kind=str(kind),
            day=record.on,
            subject_type=record.subject,
            subject_id=record.subject_id,
            record_id=record.id,
            is_refusal=record.is_refusal,
            buyer_id=record.buyer,
            seller_id=record.seller,
            price_group_id=record.price_group,
            clauses=list(change.clauses),
            before=change.before,
            after=change.after,
            fen=change.fen,
            saved_fen=change.saved_fen if kind is Kind.REFUSED else 0,
            days=change.days,
        )


def _keys(record: Record, change: Changed, categories: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """By what a changed record counts; under each clause it rests on."""
    yield "all", ""
    for clause in change.clauses:
        yield "clause", clause
    if record.buyer is not None:
        yield "buyer", str(record.buyer)
    if record.seller is not None:
        yield "seller", str(record.seller)
    if record.price_group is not None:
        yield "product", str(record.price_group)
        yield "category", categories.get(record.price_group, "")
    yield "month", f"{record.on:%Y-%m}"
    yield "subject", "refusal" if record.is_refusal else record.subject
