"""The frame of lists: what is declared is filtered, sorted, kept in the address and taken away as a sheet; what is not
is ignored or refused, never run."""

import io

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

import sunlight.urls  # noqa: F401 the lists of all apps
from procurement.ordering.models import Order
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.web.lists import Column, show, tables
from sunlight.web.lists.declare import through
from tests.api_client import logged_in
from tests.factories import orders
from tests.security import routes

HOSTILE = ("'; drop table procurement_order; --", "\x00", "1 or 1=1", "x" * 10_000, "__class__", "../../etc/passwd")


@pytest.fixture
def reader_of(world, center):
    """`reader_of(table)`: somebody who may open the list, in the first of the roles that its page declares."""
    views = {name: view for _, name, view in routes.walk()}

    def reader(table):
        role = min(views[table.url_name].roles or routes.PEOPLE)
        return world.actor("center" if role.kind == Kind.PLATFORM else routes.HOME[role.kind], role)

    return reader


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def placed(world):
    """Three orders of the hospital, of 100, 300 and 200 pieces; the second is urgent."""
    agreed = orders.agreement(world)
    made = [orders.placed(world, agreed, quantity=quantity) for quantity in ("100", "300", "200")]
    with scope.opened(world.system):
        Order.objects.filter(id=made[1].id).update(is_urgent=True)
    return made


@pytest.fixture
def buyer(world):
    return logged_in(world.actor("hospital", Role.HOSPITAL_BUYER))


def order_of(page: str, numbers: list[str]) -> list[int]:
    """The positions of the numbers, as the page shows them from the top."""
    return sorted((i for i, number in enumerate(numbers) if number in page), key=lambda i: page.index(numbers[i]))


def test_a_list_is_filtered_and_sorted_by_its_address(placed, buyer):
    numbers = [each.number for each in placed]
    assert order_of(text(buyer.get("/orders/")), numbers) == [2, 1, 0]
    assert order_of(text(buyer.get("/orders/?sort=amount_fen")), numbers) == [0, 2, 1]
    page = text(buyer.get("/orders/?sort=-amount_fen&urgent=0"))
    assert order_of(page, numbers) == [2, 0]
    # Headings and tabs keep what was asked for, and the heading in force says so to a screen reader.
    assert 'aria-sort="descending"' in page
    assert "?urgent=0&amp;sort=amount_fen" in page and "?urgent=0&amp;sort=-amount_fen&amp;state=PLACED" in page
    assert order_of(text(buyer.get("/orders/", {"q": numbers[1]})), numbers) == [1]
    nothing = text(buyer.get("/orders/?state=CANCELLED"))
    assert order_of(nothing, numbers) == [] and "没有符合筛选条件的记录" in nothing
    # Words the list does not declare change nothing.
    assert order_of(text(buyer.get("/orders/?amount_fen__gt=1&utm=x")), numbers) == [2, 1, 0]


def test_what_cannot_be_is_refused_with_the_field_named(placed, buyer):
    for query, words in (
        ("state=GONE", "状态："),
        ("since=31.12.2026", "下单日起："),
        ("since=0001-01-01", "下单日起："),
        ("sort=placed_by_id", "不能按“placed_by_id”排序"),
        ("sort=-seller__credit_code", "不能按“-seller__credit_code”排序"),
    ):
        answer = buyer.get(f"/orders/?{query}")
        assert answer.status_code == 400
        assert words in text(answer) and "没有列出任何数据" in text(answer)
        assert not any(each.number in text(answer) for each in placed)


def test_every_list_opens_is_taken_away_and_bears_hostile_words(reader_of, sampled):
    looked_at = 0
    for table in tables().values():
        if table.arguments:
            continue
        names = list(table.filters.base_filters) if table.filters else []
        address = reverse(table.url_name)
        browser = logged_in(reader_of(table))
        assert browser.get(address).status_code == 200, table.key
        taken = browser.get(address, {"sheet": "xlsx"})
        assert taken["Content-Type"].endswith("spreadsheetml.sheet"), table.key
        assert b"".join(taken.streaming_content).startswith(b"PK"), table.key
        looked_at += 1
        for word in HOSTILE:
            if not sampled(table.key, word, of=6):
                continue
            answer = browser.get(address, {**dict.fromkeys(names, word), "sort": word, "page": word})
            assert answer.status_code in (200, 400, 422), (table.key, word)
    assert looked_at >= 25


def test_every_declared_sort_and_filter_is_something_the_database_knows(reader_of):
    """Declared fields are strings; a wrong one would show only when somebody clicks it."""

    class Request:
        GET: dict = {}

    for table in tables().values():
        if table.rows is None:
            continue
        request = Request()
        request.actor = reader_of(table)
        with scope.opened(request.actor):
            rows = table.rows(request)
            if not hasattr(rows, "order_by"):
                continue
            for column in table.columns:
                for name in column.fields:
                    list(rows.order_by(F(name).desc(nulls_last=True), "-id")[:1])
            for name, each in (table.filters.base_filters if table.filters else {}).items():
                sample = "2026-03-02" if hasattr(each, "edge") else "a"
                if "choices" in each.extra:
                    sample = next(iter(each.extra["choices"]))[0]
                filters = table.filters({name: sample}, queryset=rows, request=request)
                assert filters.is_valid(), (table.key, name, filters.errors)
                list(filters.qs[:1])


def test_the_sheet_holds_the_declared_columns_of_what_was_filtered(placed, buyer):
    answer = buyer.get("/orders/?sort=amount_fen&urgent=0&sheet=xlsx")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    content = b"".join(answer.streaming_content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    shown = [c for c in tables()["procurement.orders"].columns if str(c.label) != "医疗机构"]
    assert rows[0] == [str(column.label) for column in shown]
    assert [row[0] for row in rows[1:]] == [placed[0].number, placed[2].number]
    assert [row[rows[0].index("金额（元）")] for row in rows[1:]] == [9000.0, 18000.0]
    assert rows[1][rows[0].index("状态")] == "待企业确认"
    assert buyer.get("/orders/?state=GONE&sheet=xlsx").status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_rows(world, buyer):
    agreed = orders.agreement(world)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            orders.placed(world, agreed)
        with CaptureQueriesContext(connection) as captured:
            page = text(buyer.get("/orders/"))
        counts.append(len(captured))
    assert page.count('href="/supervision/trace/order/') == 10
    assert counts[0] == counts[1]


def test_a_column_reads_dicts_objects_and_nothing():
    column = Column("金额", "order.amount_fen", "yuan", key="amount")
    row = type("Row", (), {"order": type("Order", (), {"amount_fen": 12_345})})
    assert str(column.of(row)) == "123.45"
    assert column.of(type("Row", (), {"order": None})) is None
    assert through({"order": {"id": 7}}, "order.id") == 7
    with pytest.raises(ValueError, match="no kind"):
        Column("x", "x", "formula")
    with pytest.raises(ValueError, match="needs a key"):
        Column("x", len, sort="x")


def test_counting_stops_at_the_most(placed, buyer, monkeypatch):
    """Beyond it the page says so, and turns no further."""
    monkeypatch.setitem(vars(tables()["procurement.orders"]), "page_size", 1)
    assert "共 3 条" in text(buyer.get("/orders/"))
    monkeypatch.setattr(show, "MOST_ROWS", 2)
    with CaptureQueriesContext(connection) as asked:
        page = text(buyer.get("/orders/?page=3"))
    assert "第 2 / 2 页，共 2+ 条" in page
    counts = [query["sql"] for query in asked.captured_queries if "COUNT(*)" in query["sql"]]
    assert [sql for sql in counts if "LIMIT 3" in sql and "ORDER BY" not in sql]
    refused = buyer.get("/orders/?sheet=xlsx")
    assert refused.status_code == 422 and "共 2+ 行" in text(refused)
