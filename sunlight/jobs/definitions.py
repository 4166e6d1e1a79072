"""How an app says what a job does: one function that takes a position to the next.

    def step(*, actor, at, job, state):
        … one chunk, a few seconds of work, inside the transaction …
        return replace(state, position={"after": last}, done=state.done + count, over=nothing_left)

    jobs.define("catalog.release", label="导入国家目录", step=step, result_view="imports:run")

The step runs in the scope of whoever began the job, with the roles they have by then. Its effects and the returned
state are committed together, so a chunk that was killed has not happened and is done again. It may raise a Refused: the
job then stands still with that message until somebody resumes it. See docs/features/jobs.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class State:
    """How far a job is. `position` is JSON and all that the next chunk gets; `done` and `total` are counts for people;
    `phase` and `note` words for them; `over` ends the job; `result_id` is what came of it, once there is something."""

    position: dict = field(default_factory=dict)
    done: int = 0
    total: int | None = None
    phase: str = ""
    note: str = ""
    over: bool = False
    result_id: int | None = None


@dataclass(frozen=True)
class Definition:
    """A kind of job. `abandoned(*, actor, at, job)` clears away what an unfinished one left; `result_view` is the name of
    the page that shows what came of it, by the job's `result_id`, `result_label` what leads there."""

    kind: str
    label: str
    step: Callable[..., State]
    abandoned: Callable[..., None] | None = None
    result_view: str = ""
    result_label: str = "查看结果"


_definitions: dict[str, Definition] = {}


def define(
    kind: str,
    *,
    label: str,
    step: Callable[..., State],
    abandoned: Callable[..., None] | None = None,
    result_view: str = "",
    result_label: str = "查看结果",
) -> Definition:
    """Make a kind of job known; to be called once, when the app starts. Raises ValueError for a kind known already."""
    if kind in _definitions:
        raise ValueError(f"job {kind} is defined twice")
    _definitions[kind] = Definition(kind, label, step, abandoned, result_view, result_label)
    return _definitions[kind]


def definition_of(kind: str) -> Definition | None:
    """What a kind of job does, or None for one that no app defines (any more)."""
    return _definitions.get(kind)
