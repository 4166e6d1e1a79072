"""The catalogue over the API: release, search, listings."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Listing, NationalCode
from catalog.queries.codes import pairs_of
from sunlight import scope
from sunlight.demo.files import national_release as sample
from sunlight.journal.models import Refusal
from sunlight.scope import Role
from sunlight.sheets.models import ImportRun
from tests.api_client import ApiClient
from tests.catalog.conftest import OWN, Catalogue
from tests.factories.catalog import NationalCodeFactory
from tests.factories.catalog import listed as made_listing


def upload(client: ApiClient, content: bytes, name="目录.xlsx", **headers):
    file = SimpleUploadedFile(name, content)
    answer = client.client.post("/api/v1/catalog-imports/", {"file": file}, headers=client.headers | headers)
    return answer.status_code, json.loads(answer.content)


@pytest.fixture
def catalogue(world):
    """A test's own: others of this file ask for an empty catalogue."""
    return Catalogue(world)


@pytest.fixture
def operator(world):
    return ApiClient(world, "operator", Role.OPERATOR_REVIEWER)


def test_release_is_sent_reported_and_sent_again(world, operator):
    status, report = upload(operator, sample.full_workbook(40))
    assert (status, report["kind"], report["rows_taken"], report["rows_refused"]) == (201, "catalog.full", 39, 7)
    assert [row["row"] for row in report["refused"]][:2] == [39, 45]
    assert report["refused"][1] | {"cells": None, "message": None} == {
        "row": 45,
        "column": "27位码",
        "code": "code_not_full",
        "clause": "SZ24-3.7",
        "cells": None,
        "message": None,
    }
    assert operator.get(f"/api/v1/catalog-imports/{report['id']}/", after="45")[1]["refused"][0]["row"] == 46
    for wrong in ("x", "-1", "1.5", "１", "", "9" * 5000):
        status, refused = operator.get(f"/api/v1/catalog-imports/{report['id']}/", after=wrong)
        assert (status, refused["field"]) == (422, "after"), wrong
    assert upload(operator, sample.full_csv(40))[1]["rows_unchanged"] == 42
    status, runs = operator.get("/api/v1/catalog-imports/")
    assert [run["rows_taken"] for run in runs["results"]] == [0, 39]


def test_same_upload_with_one_key_is_one_import(world, operator):
    key = {"Idempotency-Key": "release-1"}
    first = upload(operator, sample.full_csv(8, planted=False), **key)
    assert upload(operator, sample.full_csv(8, planted=False), **key) == first
    assert upload(operator, sample.full_csv(16, planted=False), **key)[0] == 422
    with scope.opened(world.system):
        assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a table at all", "other_headings"),
        (b"PK\x03\x04broken", "not_a_workbook"),
        ("编码,价格\nC1,1\n".encode(), "other_headings"),
        (("27位码,原码状态\n" + "x" * 1_000_000 + ",停用\n").encode(), "cell_too_long"),
        (b"\x00\x01\x02\x03", "other_headings"),
    ],
)
def test_what_is_no_release_is_a_problem_in_chinese_and_not_on_record(world, operator, content, code):
    status, problem = upload(operator, content)
    assert (status, problem["code"]) == (422, code)
    assert problem["type"] == f"/problems/{code}" and problem["detail"].endswith("。")
    with scope.opened(world.system):
        assert not ImportRun.objects.exists() and not NationalCode.objects.exists()
        assert not Refusal.objects.exists()


def test_upload_without_a_file_or_as_json_is_refused(world, operator):
    assert upload(operator, b"")[0] == 422
    assert operator.post("/api/v1/catalog-imports/", {"file": "x"})[0] == 415
    empty = operator.client.post("/api/v1/catalog-imports/", {}, headers=operator.headers)
    assert (empty.status_code, empty.json()["field"]) == (422, "file")


@pytest.mark.parametrize(
    ("key", "role"),
    [("maker", Role.SUPPLIER_LISTER), ("hospital", Role.HOSPITAL_BUYER), ("operator", Role.OPERATOR_SETTLER)],
)
def test_nobody_else_sends_a_release_or_reads_its_report(world, operator, key, role):
    _, report = upload(operator, sample.full_csv(8, planted=False))
    stranger = ApiClient(world, key, role)
    assert upload(stranger, sample.full_csv(8))[0] == 403
    assert stranger.get(f"/api/v1/catalog-imports/{report['id']}/")[0] == 403


def test_search_answers_the_same_number_of_queries_for_one_and_for_many(world):
    buyer = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    counts = []
    for number in (1, 9):
        with scope.opened(world.system):
            NationalCodeFactory.create_batch(
                number, search_text="人工晶状体", search_pairs=sorted(pairs_of("人工晶状体"))
            )
        with CaptureQueriesContext(
            connection,
        ) as ran:
            status, found = buyer.get("/api/v1/national-codes/", q="晶状")
        counts.append(len(ran))
        assert status == 200
    assert len(found["results"]) == 10
    assert counts[0] == counts[1]
    assert buyer.get("/api/v1/national-codes/", q="晶")[1]["code"] == "search_word_too_short"
    assert buyer.get("/api/v1/national-codes/")[0] == 422


def body(catalogue, **changes):
    return {
        "codes": list(catalogue.own.codes),
        "pricing_unit": "套",
        "declared_price": "798.0000",
        "packs": [{"name": "盒", "factor": 5}],
        "certificate": {"number": catalogue.own.certificate, "valid_until": "2099-12-31"},
    } | changes


@pytest.mark.clause("SZ24-3.2b", "GD25-2.2a", on="rule")
def test_listing_goes_from_application_to_listed_over_the_api(world, catalogue, operator):
    lister = ApiClient(world, "maker", Role.SUPPLIER_LISTER)
    status, draft = lister.post("/api/v1/listings/", body(catalogue))
    assert (status, draft["state"], draft["declared_price"], draft["packs"]) == (201, "DRAFT", "798.0000", {"盒": 5})
    assert draft["manufacturer"] == OWN and all(check["ok"] for check in draft["checks"])
    where = f"/api/v1/listings/{draft['id']}"
    assert lister.post(f"{where}/submit/")[1]["code"] == "commitment_missing"
    status, sent = lister.post(f"{where}/submit/", {"commitment_sha256": draft["commitment"]["sha256"]})
    assert (status, sent["state"]) == (200, "SUBMITTED")
    assert ApiClient(world, "hospital", Role.HOSPITAL_BUYER).get(f"{where}/")[0] == 404
    assert lister.post(f"{where}/approve/")[0] == 403
    status, listed = operator.post(f"{where}/approve/", {"note": "资料齐全"})
    assert (status, listed["state"], listed["platforms"], listed["zone"]) == (200, "LISTED", ["gd-sz", "gd"], "active")
    status, problem = operator.post(f"{where}/approve/")
    assert (status, problem["code"]) == (409, "illegal_move")
    assert ApiClient(world, "hospital", Role.HOSPITAL_BUYER).get(f"{where}/")[1]["state"] == "LISTED"
    for move, body_, state in (
        ("suspend", {"reason": "编码待维护"}, "SUSPENDED"),
        ("restore", {}, "LISTED"),
        ("delist", {"reason": "停产"}, "DELISTED"),
    ):
        assert operator.post(f"{where}/{move}/", body_)[1]["state"] == state


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"declared_price": 798}, "declared_price"),
        ({"codes": "C1"}, "codes"),
        ({"codes": [1]}, "codes[0]"),
        ({"packs": [{"name": "盒", "factor": "5"}]}, "packs[0].factor"),
        ({"certificate": None}, "certificate"),
        ({"unknown": 1}, "unknown"),
        ({"certificate": {"number": "x", "valid_until": "31/12/2099"}}, "certificate.valid_until"),
    ],
)
def test_body_of_a_wrong_type_names_its_field(world, catalogue, changes, field):
    status, problem = ApiClient(world, "maker", Role.SUPPLIER_LISTER).post(
        "/api/v1/listings/", body(catalogue, **changes)
    )
    assert status == 422
    assert problem["field"].startswith(field)
    with scope.opened(world.system):
        assert not Listing.objects.exists()


def test_listing_list_reads_one_and_ten_rows_with_the_same_queries(world):
    lister, counts = ApiClient(world, "maker", Role.SUPPLIER_LISTER), []
    for number in (1, 9):
        for _ in range(number):
            made_listing(world)
        with CaptureQueriesContext(connection) as ran:
            found = lister.get("/api/v1/listings/")[1]
        counts.append(len(ran))
    assert len(found["results"]) == 10 and counts[0] == counts[1]
    assert ApiClient(world, "other_maker", Role.SUPPLIER_LISTER).get("/api/v1/listings/")[1]["results"] == []
