"""Models made in one step are those made one by one, rendered once."""

from django.db import models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from sunlight.scope.together import CreateTogether

KEY = ("id", models.BigAutoField(primary_key=True))
FIRST = CreateModel("First", [KEY])
SECOND = CreateModel("Second", [KEY, ("first", models.ForeignKey("catalog.first", models.PROTECT))])


def after(*operations) -> ProjectState:
    state = ProjectState()
    assert not list(state.apps.get_models())  # rendered before, as in the middle of a migration
    for operation in operations:
        operation.state_forwards("catalog", state)
    return state


def test_the_state_is_the_same_and_waits_to_be_rendered():
    together = after(CreateTogether([FIRST, SECOND]))
    assert together == after(FIRST, SECOND)
    assert "apps" not in vars(together)
    second = together.apps.get_model("catalog", "Second")
    assert second._meta.get_field("first").related_model is together.apps.get_model("catalog", "First")


def test_the_tables_go_in_the_opposite_order(monkeypatch):
    done = []
    for way in ("forwards", "backwards"):
        monkeypatch.setattr(
            CreateModel, f"database_{way}", lambda self, *rest, way=way: done.append((way, self.name)), raising=True
        )
    operation = CreateTogether([FIRST, SECOND])
    operation.database_forwards("catalog", None, None, None)
    operation.database_backwards("catalog", None, None, None)
    assert done == [("forwards", "First"), ("forwards", "Second"), ("backwards", "Second"), ("backwards", "First")]
