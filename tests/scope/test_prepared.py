"""Prepared queries answer as the ORM does."""

import threading

import pytest
from django.db import connection
from django.db.models import Q

from procurement.ordering.models import DistributionAuthorisation
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.prepared import Given, Prepared
from sunlight.tenancy.models import Organisation, Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(world):
    with scope.opened(world.system):
        yield world


def test_rows_are_those_of_the_query_set(opened):
    prepared = Prepared(
        lambda: (
            Organisation.objects.select_related("region")
            .filter(Q(kind=Given("kind")) | Q(id__in=Given("ids")))
            .order_by("-id")
        )
    )
    for kind, ids in (("HOSPITAL", [1]), ("SUPPLIER", [1, 2, 3]), ("REGULATOR", (10**6,))):
        plain = Organisation.objects.select_related("region").filter(Q(kind=kind) | Q(id__in=ids)).order_by("-id")
        rows = prepared.rows(kind=kind, ids=ids)
        assert [vars(row) | {"_state": 0} for row in rows] == [vars(row) | {"_state": 0} for row in plain]
        assert rows and [row.region.code for row in rows] == [row.region.code for row in plain]


def test_tuples_and_single_values(opened):
    pairs = Prepared(lambda: Region.objects.filter(code__in=Given("codes")).order_by("code").values_list("id", "code"))
    codes = Prepared(lambda: Region.objects.filter(id=Given("id")).values_list("code", flat=True))
    plain = list(Region.objects.order_by("code").values_list("id", "code"))[:2]
    assert pairs.rows(codes=[code for _, code in plain]) == plain
    assert codes.rows(id=plain[0][0]) == [plain[0][1]]


def test_text_of_the_caller_is_a_value_and_never_sql(opened):
    prepared = Prepared(lambda: Region.objects.filter(code=Given("code")))
    assert prepared.rows(code="' or '1'='1") == []
    assert prepared.rows(code="%s") == []


def test_nothing_equals_none_and_an_empty_list_asks_nothing(opened, django_assert_num_queries):
    prepared = Prepared(lambda: Region.objects.filter(id__in=Given("ids"), code=Given("code")))
    assert prepared.rows(ids=[1], code=None) == []
    with django_assert_num_queries(0):
        assert prepared.rows(ids=[], code="CN") == []


def test_first(opened):
    prepared = Prepared(lambda: Region.objects.filter(id__gt=Given("above")).order_by("id")[:1])
    assert prepared.first(above=0) == Region.objects.order_by("id").first()
    assert prepared.first(above=10**6) is None


def test_a_value_too_many_or_too_few_is_refused(opened):
    prepared = Prepared(lambda: Region.objects.filter(id=Given("id")))
    with pytest.raises(TypeError, match="needs id"):
        prepared.rows()
    with pytest.raises(TypeError, match="needs id"):
        prepared.rows(id=1, code="CN")


def test_the_wall_holds(world):
    """Whose scope it is decides at each question, not at the first."""
    prepared = Prepared(lambda: DistributionAuthorisation.objects.filter(number=Given("number")))
    with scope.elevated(world.system):
        row = DistributionAuthorisation.objects.create(
            platform=world.platform,
            number="1" * 20,
            state="IN_FORCE",
            manufacturer=world.maker,
            distributor=world.distributor,
            valid_from="2026-01-01",
            valid_to="2026-12-31",
            made_at=scope.now(),
        )
        assert prepared.rows(number=row.number) == [row]
    for who, sees in (("other_maker", []), ("maker", [row]), ("hospital", [])):
        with scope.opened(world.actor(who, Role.SUPPLIER_SELLER if who != "hospital" else Role.HOSPITAL_BUYER)):
            assert prepared.rows(number=row.number) == sees


@pytest.mark.django_db(transaction=True)
def test_a_thread_asks_by_its_own_connection(world):
    prepared = Prepared(lambda: Region.objects.filter(id__gt=Given("above")).order_by("id"))
    with scope.opened(world.system):
        here = prepared.rows(above=0)
    found = []

    def ask():
        try:
            with scope.opened(world.system):
                found.append((prepared.rows(above=0), connection.connection.info.backend_pid))
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found[0][0] == here
    assert found[0][1] != connection.connection.info.backend_pid
