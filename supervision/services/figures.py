"""Writing the overview's figures: one key from its rows, or all of them."""

from collections.abc import Iterable
from datetime import datetime

from sunlight import scope
from sunlight.journal.services import service
from sunlight.scope import Actor
from supervision.models import DailyFigure
from supervision.queries.figures import FIGURES, KEY, keys_of, named, summed

_CHUNK = 1000


def _alone(platform_id: int) -> None:
    """One writer of a platform's figures at a time: a sum read before another's commit must not be written after it."""
    scope.alone("supervision.figures", platform_id)


@service
def figures_recompute(*, actor: Actor, at: datetime, figures: Iterable[str], **where) -> int:
    """Write again every key of `figures` under which rows within `where` stand (or stood); returns how many keys. From the
    rows as they are now, so that any number of repetitions in any order ends the same."""
    _alone(actor.platform_id)
    done = 0
    for name in figures:
        figure = named(name)
        for key in keys_of(figure, platform_id=actor.platform_id, **where):
            place = dict(zip(KEY, key, strict=True))
            _write(name, {key: found} if (found := summed(figure, **place).get(key)) else {}, gone={key})
            done += 1
    return done


@service
def figures_rebuild(*, actor: Actor, at: datetime) -> dict[str, int]:
    """Recompute every figure of the actor's platform from the rows: written, and removed because nothing stands behind."""
    _alone(actor.platform_id)
    written = removed = 0
    for name, figure in FIGURES.items():
        wanted = summed(figure, platform_id=actor.platform_id)
        stored = _stored_figures(actor.platform_id, name)
        changed = {key: value for key, value in wanted.items() if stored.get(key) != value}
        gone = set(stored) - set(wanted)
        _write(name, changed, gone=gone)
        written, removed = written + len(changed), removed + len(gone)
    return {"written": written, "removed": removed}


def _stored_figures(platform_id: int, name: str) -> dict[tuple, tuple[int, int]]:
    rows = DailyFigure.objects.filter(platform_id=platform_id, figure=name)
    return {row[: len(KEY)]: row[len(KEY) :] for row in rows.values_list(*KEY, "count", "total_fen")}


def _write(name: str, values: dict[tuple, tuple[int, int]], *, gone: Iterable[tuple] = ()) -> None:
    for key in set(gone) - set(values):
        DailyFigure.objects.filter(figure=name, **dict(zip(KEY, key, strict=True))).delete()
    DailyFigure.objects.bulk_create(
        [
            DailyFigure(figure=name, count=count, total_fen=fen, **dict(zip(KEY, key, strict=True)))
            for key, (count, fen) in values.items()
        ],
        batch_size=_CHUNK,
        update_conflicts=True,
        unique_fields=["platform", "region", "buyer", "seller", "day", "figure"],
        update_fields=["count", "total_fen"],
    )
