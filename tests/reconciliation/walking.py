"""A whole walk over every platform, and what it found."""

from sunlight import scope
from sunlight.journal import sealer, verifier
from sunlight.journal.rowfacts import ROWS as ROWS
from sunlight.journal.services import service
from sunlight.reconciliation.models import Discrepancy
from sunlight.reconciliation.services.runs import reconciliation_begin, reconciliation_go_on
from sunlight.tenancy.queries.actors import open_platform_actors

HOME = "gd-sz"


def walk(actor):
    at = scope.now(actor.platform_code)
    with scope.opened(actor):
        reconciliation_begin(actor=actor, at=at)
    run = reconciliation_go_on(actor=actor, at=at)
    assert run.finished_at is not None
    return run


def home():
    return next(each for each in open_platform_actors() if each.platform_code == HOME)


def checkpoint() -> dict[str, tuple[int, str]]:
    """What beat does every second: everything recorded so far is in the chain. Each platform's head, as it is delivered
    outside."""
    heads = {}
    for actor in open_platform_actors():
        with scope.opened(actor):
            while sealer.seal(platform_id=actor.platform_id, at=scope.now(actor.platform_code)).count:
                pass
            heads[actor.platform_code] = sealer.head(platform_id=actor.platform_id)
    return heads


def verified(heads: dict[str, tuple[int, str]]) -> list[str]:
    """What the journal's verifier finds against the checkpoints kept outside."""
    faults = []
    for actor in open_platform_actors():
        with scope.opened(actor):
            at, head = scope.now(actor.platform_code), heads[actor.platform_code]
            faults += verifier.verify(platform_id=actor.platform_id, at=at, expected_head=head).faults
    return faults


def rows_found(*, home_only: bool = False) -> list[Discrepancy]:
    """What a walk finds, new or again: over all platforms, or over the one that trades."""
    found = []
    for actor in open_platform_actors():
        if home_only and actor.platform_code != HOME:
            continue
        run = walk(actor)
        with scope.opened(actor):
            rows = list(Discrepancy.objects.filter(platform_id=actor.platform_id, last_seen=run).order_by("id"))
        assert (run.differences > 0) == bool(rows)
        found += rows
    return found


def found() -> dict[tuple[str, str], list[str]]:
    """{(kind, table): the columns that differ}."""
    return {(row.kind, row.relation): sorted({each["column"] for each in row.columns}) for row in rows_found()}


def served(actor, act):
    """`act` as a service would do it."""

    @service
    def acted(*, actor, at):
        return act()

    with scope.opened(actor):
        return acted(actor=actor, at=scope.now(actor.platform_code))
