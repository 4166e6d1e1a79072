import hashlib

import pytest

from sunlight import scope
from sunlight.files.queries import access_file
from sunlight.files.services.files import file_store
from sunlight.journal.models import Event
from sunlight.journal.refusals import Invalid, NotThere
from sunlight.scope import Role
from sunlight.sheets import queries, readers
from sunlight.sheets import services as imports
from sunlight.sheets.models import RefusedRow
from sunlight.sheets.reading import Layout, read_sheet
from tests.stated import stated

PLAIN = Layout("plain", "示例表", ("编码", "价格"))
CONTENT = "编码,价格\nC1,1\n=C2,x\nC3\n".encode()


def take(actor):
    """An import as an app would write it: every row priced `1` is taken."""
    with scope.opened(actor):
        at = scope.now()
        file = file_store(actor=actor, at=at, name="C:\\tmp\\价\x00格.csv", content=CONTENT)
        run = imports.import_run_start(actor=actor, at=at, kind="test", file=file)
        bad, taken = [], 0
        for row in read_sheet(CONTENT, [PLAIN]).rows:
            if row.fault:
                bad.append(imports.BadRow.broken(row))
            elif row["价格"] != "1":
                wrong = Invalid("malformed", "价格不是数字，请改正。", field="价格", basis=stated("SZ24-3.2a"))
                bad.append(imports.BadRow.of(row, wrong))
            else:
                taken += 1
        return imports.import_run_finish(actor=actor, at=at, run=run, taken=taken, refused=bad)


def test_import_keeps_file_counts_and_each_bad_row(world):
    actor = world.actor("maker", Role.SUPPLIER_LISTER)
    run = take(actor)
    with scope.opened(actor):
        assert (run.rows_total, run.rows_taken, run.rows_refused, run.state) == (3, 1, 2, "DONE")
        assert run.file.name == "价格.csv"
        assert run.file.sha256 == hashlib.sha256(CONTENT).hexdigest()
        first, second = queries.refused_rows(run)
        assert (first.row_number, first.column, first.code, first.clause) == (3, "价格", "malformed", "SZ24-3.2a")
        assert first.cells == {"编码": "=C2", "价格": "x"}
        assert (second.row_number, second.code) == (4, "row_broken")
        assert Event.objects.get(name="import_finished").payload["refused"] == 2


def test_platform_itself_may_import_without_an_organisation(world):
    run = take(world.system)
    assert run.organisation_id is None


@pytest.mark.parametrize("key", ["other_maker", "hospital"])
def test_another_party_sees_neither_run_nor_rows_nor_file(world, key):
    run = take(world.actor("maker", Role.SUPPLIER_LISTER))
    role = Role.SUPPLIER_LISTER if key == "other_maker" else Role.HOSPITAL_BUYER
    stranger = world.actor(key, role)
    with scope.opened(stranger):
        with pytest.raises(NotThere):
            queries.access_run(stranger, run.id)
        with pytest.raises(NotThere):
            access_file(stranger, run.file_id)
        assert RefusedRow.objects.count() == 0  # the wall, without any filter


def test_operator_sees_the_runs_of_what_it_reads(world, monkeypatch):
    """And no others: a sheet of offers is no reviewer's affair."""
    run = take(world.actor("maker", Role.SUPPLIER_LISTER))
    operator = world.actor("operator", Role.OPERATOR_CONFIRMER)
    with scope.opened(operator), pytest.raises(NotThere):
        queries.access_run(operator, run.id)
    monkeypatch.setitem(readers._NOUNS, "test", "price_list")
    with scope.opened(operator):
        assert queries.access_run(operator, run.id).rows_refused == 2
