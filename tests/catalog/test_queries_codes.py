import importlib

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from catalog.queries.codes import national_codes_search, pairs_of
from catalog.services.releases import national_release_import
from sunlight import scope
from sunlight.demo.files import national_release as sample
from sunlight.journal.refusals import Invalid
from sunlight.scope import Role
from sunlight.scope.actor import ANONYMOUS


@pytest.fixture(scope="module")
def made_codes(shared_rows):
    with shared_rows() as world, scope.opened(world.system):
        content = sample.full_csv(480, planted=False)
        national_release_import(actor=world.system, at=scope.now(), name="x.csv", content=content)


@pytest.fixture
def catalogue(made_codes, world):
    return world


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("支架", lambda c: "支架" in c.product_name),
        ("晶状", lambda c: "人工晶状体" in c.product_name),
        ("示范 支架", lambda c: "支架" in c.product_name and "示范" in c.producer_name),
        ("ywxtgmzj", lambda c: c.product_name.startswith("药物洗脱冠脉支架")),
        ("YWXT", lambda c: c.product_name.startswith("药物洗脱")),
        ("c020101", lambda c: c.code.startswith("C020101")),
        ("Ｃ０８", lambda c: c.code.startswith("C08")),
        ("国械注准2016302", lambda c: c.registration_number.startswith("国械注准2016302")),
    ],
)
def test_search_finds_by_chinese_initials_code_and_certificate(catalogue, text, holds):
    with scope.opened(ANONYMOUS):
        found = list(national_codes_search(text))
        assert found
        assert all(holds(c) for c in found)
    with scope.opened(catalogue.actor("hospital", Role.HOSPITAL_BUYER)):
        assert list(national_codes_search(text)) == found


@pytest.mark.parametrize("text", ["没有这种东西", "%%", "__", "支%", "C99", "'; drop table x; --"])
def test_search_takes_wildcards_as_they_are(catalogue, text):
    with scope.opened(ANONYMOUS):
        assert list(national_codes_search(text)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "search_empty"),
        (" 　", "search_empty"),
        ("支", "search_word_too_short"),
        ("支架 x", "search_word_too_short"),
        ("支架" * 40, "search_too_long"),
        ("ab " * 7, "search_too_long"),
    ],
)
def test_search_that_cannot_be_looked_up_says_so(catalogue, text, code):
    with pytest.raises(Invalid) as wrong:
        national_codes_search(text)
    assert wrong.value.code == code


def test_search_uses_its_index_under_a_partys_role(catalogue):
    with scope.opened(catalogue.actor("hospital", Role.HOSPITAL_BUYER)):
        with connection.cursor() as cursor:
            cursor.execute("set local enable_seqscan = off")
        assert "catalog_nationalcode_pairs" in national_codes_search("支架").order_by().explain()
        assert "Index" in national_codes_search("C0201").explain()


@given(st.text(), st.text(st.characters(exclude_categories=["Z", "C"]), min_size=2), st.text())
def test_the_index_holds_of_a_text_what_is_looked_up_of_any_word_in_it(before, word, after):
    assert pairs_of(word) and pairs_of(word) <= pairs_of(before + word + after)


@pytest.mark.parametrize("text", ["", "支", "支架 3.0×18\tsf-02\u3000药物", "𠮷野家 𠮷", "ab ab\nab"])
def test_pairs_of_what_stood_before_are_those_reckoned_now(db, text):
    sql = importlib.import_module("catalog.migrations.0004_search_pairs").PAIRS_OF
    with connection.cursor() as cursor:
        cursor.execute(f"select {sql} from (values (%s)) as one (search_text)", [text])
        found = cursor.fetchone()[0]
    assert sorted(found) == sorted(pairs_of(text))
