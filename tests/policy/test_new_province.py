"""A province of plain parameters is one folder and no code: its hospitals trade under its act from its first day on."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from procurement.ordering.models import OrderLine
from sunlight import scope
from sunlight.acts import read_documents
from sunlight.journal.models import Decision
from sunlight.journal.refusals import Refused
from sunlight.kernel.policy import PolicyError
from sunlight.tenancy.models import Platform, Region
from sunlight.tenancy.services import reference
from tests import regional
from tests.factories import orders
from tests.factories.catalog import listed
from tests.factories.pricing import priced
from tests.factories.settlement import owed
from tests.procurement.bargaining import make

FOLDER = Path(__file__).parent / "province"
FIRST = regional.at("2026-02-02")


@pytest.fixture
def province(db, monkeypatch):
    """The small world in a city of the new province."""
    documents = read_documents(provinces=[FOLDER])
    monkeypatch.setattr(reference, "documents", lambda: documents)
    monkeypatch.setitem(regional.PLACES, "CN-ZJ-HZ", ("示例", "330102"))
    with scope.under(documents.policy()):
        with scope.opened(reference.BOOTSTRAP):
            reference.reference_load(actor=reference.BOOTSTRAP, at=FIRST)
            assert Region.objects.get(code="CN-ZJ-HZ").parent.code == "CN-ZJ"
            assert Platform.objects.get(code="zj").drafts == "warn"
        yield regional.elsewhere("zj", "CN-ZJ-HZ")


def _product(world):
    listing = listed(world, "120", region="CN-ZJ", listed_on=date(2026, 1, 5))
    priced(world, listing, {}, at=FIRST, publish=False)
    return listing


def test_a_hospital_of_the_new_province_trades_under_its_act(province):
    listing = _product(province)
    with pytest.raises(Refused) as caught:
        make(province, listing, "120.0001", FIRST)
    assert caught.value.clauses == ["ZJ26-2"]
    made = make(province, listing, "120", FIRST)
    with scope.opened(province.system):
        kept = Decision.objects.get(rule="bargain.decide", subject_type="offer", subject_id=made.id)
    assert (kept.region_code, kept.allowed) == ("CN-ZJ-HZ", True)
    assert "ZJ26-2" in [reason["clause"] for reason in kept.reasons]


def test_before_its_first_day_the_act_says_nothing(province):
    with pytest.raises(Refused) as caught:
        make(province, _product(province), "120", regional.at("2026-01-30"))
    assert "ZJ26" not in "".join(caught.value.clauses)


def test_an_order_and_its_payment_follow_the_act(province):
    agreed = orders.agreement(province, listing=_product(province), price="110", at=FIRST)
    order = orders.placed(province, agreed, at=FIRST)
    with scope.opened(province.system):
        line = OrderLine.objects.get(order=order)
        decision = Decision.objects.get(rule="bargain.decide", subject_type="order_line", subject_id=line.id)
    assert "ZJ26-2" in [reason["clause"] for reason in decision.reasons]
    payable = owed(province)
    assert payable.due_on - payable.accepted_on == timedelta(days=45)


def test_a_value_of_an_unknown_parameter_is_refused(tmp_path):
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (tmp_path / "values.yaml").write_text("no.such: [{value: 1}]\n", "utf-8")
    with pytest.raises(PolicyError, match="no parameter is called no.such"):
        read_documents(provinces=[tmp_path])


def test_nothing_is_shipped_of_it():
    assert "ZJ26" not in scope.policy().acts
