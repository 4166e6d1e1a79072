"""The whole demonstration reconciles: every row of every reconciled table has its sealed version, and nothing else."""

from sunlight import scope
from sunlight.reconciliation.models import Discrepancy
from sunlight.reconciliation.services.runs import reconciliation_begin, reconciliation_go_on
from sunlight.tenancy.queries.actors import open_platform_actors


def test_the_demonstration_has_no_differences(demo_database):
    found = {}
    for actor in open_platform_actors():
        at = scope.now(actor.platform_code)
        with scope.opened(actor):
            reconciliation_begin(actor=actor, at=at)
        run = reconciliation_go_on(actor=actor, at=at)
        with scope.opened(actor):
            rows = [(d.kind, d.relation, d.row_name, d.columns) for d in Discrepancy.objects.order_by("id")[:20]]
        found[actor.platform_code] = (run.finished_at is not None, run.differences, rows)
        print(actor.platform_code, run.rows, run.versions, run.differences)
    assert {key: value[1:] for key, value in found.items()} == {key: (0, []) for key in found}
