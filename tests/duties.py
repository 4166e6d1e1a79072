"""A test marked `@pytest.mark.duty(machine, move, act)` must see its service bar somebody from that move because of that
earlier act. tests/architecture/test_duties.py compares the marks with the tables."""

import pytest

from sunlight.scope import duties


@pytest.fixture(autouse=True)
def _duties_are_proven(request):
    wanted = {mark.args for mark in request.node.iter_markers("duty")}
    if not wanted:
        yield
        return
    seen = set()

    class Watched(duties.Barred):
        def __init__(self, machine, state, move, duty, subject):
            super().__init__(machine, state, move, duty, subject)
            seen.add((machine, move, duty.act))

    request.getfixturevalue("monkeypatch").setattr(duties, "Barred", Watched)
    yield
    assert wanted <= seen, f"no service barred anybody from: {sorted(wanted - seen)}"
