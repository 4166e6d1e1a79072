"""The pages and the API of registration: an applicant without a login, the reviewer's desk, an owner's qualifications."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sunlight import scope
from sunlight.registration.models import Qualification, RegistrationApplication
from sunlight.registration.services import review as reviewing
from sunlight.registration.web import applicant as pages
from sunlight.scope import Role
from sunlight.tenancy.models import Organisation
from tests.api_client import ApiClient
from tests.files.test_files import browser
from tests.registering import PDF, code, submitted, supplier


@pytest.fixture(autouse=True)
def _never_often(monkeypatch):
    """The minute's windows stand in Redis, which outlives a test's transaction."""
    monkeypatch.setattr(pages, "too_often", lambda request, what, most: None)


def form(**changes) -> dict:
    typed = supplier(**changes)
    contacts, stakes = typed.pop("contacts"), typed.pop("stakes")
    typed |= {f"contact_{name}_{n}": value for n, row in enumerate(contacts, 1) for name, value in row.items()}
    typed |= {f"{name}_{n}": value for n, row in enumerate(stakes, 1) for name, value in row.items()}
    return typed | {"is_controller_1": "1", "move": "save"}


def attach(client, path, kind, name="执照.pdf", content=PDF):
    file = SimpleUploadedFile(name, content)
    return client.post(
        path, {"move": "attach", "document": kind, "number": "证 1", "valid_until": "2030-01-31", "file": file}
    )


def test_an_applicant_registers_without_a_login_and_logs_in_in_the_end(world):
    client = Client()
    assert "机构登记" in client.get("/login/").content.decode()
    assert client.get("/registration/").status_code == 200
    opened = client.post("/registration/", {"move": "open", "platform": "gd-sz", "kind": "SUPPLIER"})
    path = opened["Location"]
    # The secret is in no address.
    assert re.fullmatch(r"/registration/\d{20}/", path) and opened["Cache-Control"] == "no-store"
    cookie = client.cookies[f"application-{path.split('/')[2]}"]
    assert cookie["path"] == path and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert client.get(path)["Cache-Control"] == "no-store"
    assert Client().get(path)["Location"] == "/registration/"
    assert "尚缺" in client.get(path).content.decode()
    assert client.post(path, form()).status_code == 302
    for kind in ("business_licence", "person_letter", "trade_permit"):
        assert attach(client, path, kind).status_code == 302
    refused = attach(client, path, "other", "x.html", b"<html>")
    assert refused.status_code == 422 and "未予受理" in refused.content.decode()
    assert client.post(path, {"move": "attach", "document": "other"}).status_code == 422
    page = client.get(path).content.decode()
    assert "登记测试企业1" in page and "尚缺" not in page
    link = re.search(rf"{path}documents/\d+/", page)[0]
    assert client.get(link).content == PDF
    other = client.post("/registration/", {"move": "open", "platform": "gd-sz", "kind": "SUPPLIER"})["Location"]
    assert client.get(link.replace(path, other)).status_code == 404
    digest = re.search(r'name="commitment_sha256" value="(\w{64})"', page)[1]
    assert client.post(path, {"move": "submit", "commitment_sha256": digest}).status_code == 422
    assert client.post(path, {"move": "submit", "commitment_sha256": digest, "agreed": "1"}).status_code == 302
    assert "待审核" in client.get(path).content.decode()
    assert client.post(path, form()).status_code == 409

    desk = browser(world.actor("operator", Role.OPERATOR_REVIEWER))
    assert "待审核的机构登记申请" in desk.get("/").content.decode()
    listed = desk.get("/registrations/").content.decode()
    review = re.search(r"/registrations/\d+/", listed)[0]
    shown = desk.get(review).content.decode()
    assert all(text in shown for text in ("联系人甲", "控股甲", "营业执照", "没有关于企业登记资质的规定"))
    assert desk.post(review, {"move": "refuse", "note": ""}).status_code == 422
    assert desk.post(review, {"move": "sell"}).status_code == 422
    assert desk.post(review, {"move": "accept", "note": "齐全"}).status_code == 302

    page = client.get(path).content.decode()
    username = re.search(r"adm-[a-z0-9]{8}", page)[0]
    assert code(1).lower() not in page.replace(f'value="{code(1)}"', "")
    assert (
        client.post(path, {"move": "activate", "password": "sunlight-2026", "again": "sunlight-2026"}).status_code
        == 302
    )
    entered = client.post("/login/", {"username": username, "password": "sunlight-2026"})
    assert entered.status_code == 302
    own = client.get("/qualifications/").content.decode()
    assert "医疗器械经营许可证" in own and "申报资质" in own


def test_number_and_secret_are_told_apart_by_nobody(world):
    client, applicant = Client(), submitted()
    said = set()
    for number, secret in ((applicant.number, "x" * 32), ("2" * 20, applicant.secret), ("\x00", "y")):
        answer = client.post("/registration/", {"move": "follow", "number": number, "secret": secret})
        said.add((answer.status_code, re.search(r"没有找到[^<]*", answer.content.decode())[0]))
        assert client.get(f"/registration/{applicant.number}/{secret}x/").status_code == 404
    assert len(said) == 1
    good = client.post("/registration/", {"move": "follow", "number": applicant.number, "secret": applicant.secret})
    assert good["Location"] == f"/registration/{applicant.number}/"
    for typed in (
        {},
        {"move": "open", "platform": "xx", "kind": "SUPPLIER"},
        {"move": "open", "platform": "gd-sz", "kind": "OPERATOR"},
    ):
        assert client.post("/registration/", typed).status_code in (404, 422)


def test_a_link_of_earlier_days_is_exchanged_while_the_application_is_open(world):
    client, applicant = Client(), submitted()
    old = f"/registration/{applicant.number}/{applicant.secret}/"
    moved = client.get(old)
    assert moved.status_code == 302 and moved["Location"] == f"/registration/{applicant.number}/"
    assert moved["Cache-Control"] == "no-store" and "待审核" in client.get(moved["Location"]).content.decode()
    assert client.post(old, {"move": "withdraw"}).status_code == 405
    assert client.post(moved["Location"], {"move": "withdraw"}).status_code == 302
    late = Client()
    assert late.get(old)["Location"] == "/registration/" and not late.cookies


def test_who_asks_too_often_is_told_when_to_come_back(world, monkeypatch):
    from sunlight.registration.web import throttled

    used = iter(range(1, 100))
    monkeypatch.setattr(throttled.meter, "spend", lambda key, cost: (next(used), 33))
    monkeypatch.setattr(pages, "too_often", throttled.too_often)
    monkeypatch.setattr(pages, "LOOKED", 2)
    wrong = {"move": "follow", "number": "2" * 20, "secret": "x"}
    assert [Client().post("/registration/", wrong).status_code for _ in range(3)] == [404, 404, 429]
    answer = Client().get(f"/registration/{'2' * 20}/x/")
    assert answer.status_code == 429 and "33 秒后" in answer.content.decode()


def test_an_owner_renews_and_the_operator_confirms(world):
    owner, desk = (
        browser(world.actor("maker", Role.SUPPLIER_ADMIN)),
        browser(world.actor("operator", Role.OPERATOR_REVIEWER)),
    )
    sent = {"kind": "production_permit", "number": "粤械生产许", "valid_until": str(scope.today())}
    made = owner.post("/qualifications/new/", sent | {"file": SimpleUploadedFile("证.pdf", PDF)})
    assert made.status_code == 302
    assert owner.post("/qualifications/new/", sent | {"valid_until": "x"}).status_code == 422
    assert "待确认的单位资质" in desk.get("/").content.decode()
    assert desk.post(made["Location"], {"move": "reject", "note": ""}).status_code == 422
    assert desk.post(made["Location"], {"move": "confirm"}).status_code == 302
    assert "待换新的资质" in owner.get("/").content.decode()
    assert "换新" in owner.get(made["Location"]).content.decode()
    renewed = owner.post(made["Location"], {"move": "renew", "file": SimpleUploadedFile("证.pdf", PDF)})
    assert renewed.status_code == 302 and "待换新的资质" not in owner.get("/").content.decode()
    assert owner.post(made["Location"], {"move": "confirm"}).status_code == 409
    stranger = browser(world.actor("other_maker", Role.SUPPLIER_ADMIN))
    assert stranger.get(made["Location"]).status_code == 404


def test_the_api_reviews_too(world):
    applicant = submitted()
    reviewer = ApiClient(world, "operator", Role.OPERATOR_REVIEWER)
    status, page = reviewer.get("/api/v1/registrations/", state="SUBMITTED")
    assert (status, [row["number"] for row in page["results"]]) == (200, [applicant.number])
    where = f"/api/v1/registrations/{applicant.id}/"
    status, found = reviewer.get(where)
    assert (
        found["declared"]["admin_name"] == "管理员甲"
        and found["missing"] == []
        and found["decision"]["regulated"] is False
    )
    assert len(found["documents"][0]["sha256"]) == 64
    assert reviewer.post(f"{where}refuse/", {})[0] == 422
    status, problem = reviewer.post(f"{where}return/", {"note": "不清晰", "clause": "XX1-1"})
    assert (status, problem["code"]) == (422, "clause_unknown")
    status, returned = reviewer.post(f"{where}return/", {"note": "不清晰", "clause": "JS20-34"})
    assert (status, returned["state"]) == (200, "RETURNED")
    person = ApiClient(world, "operator", Role.OPERATOR_REVIEWER, person=True)
    assert person.post(f"{where}accept/", {})[0] == 409
    applicant.submit()
    assert reviewer.post(f"{where}accept/", {})[1]["code"] == "in_person"
    status, accepted = person.post(f"{where}accept/", {})
    assert (status, accepted["state"]) == (200, "ACCEPTED") and accepted["organisation_id"]
    assert len(reviewer.get("/api/v1/qualifications/")[1]["results"]) == 3
    with scope.opened(world.system):
        assert Organisation.objects.filter(credit_code=code(1)).count() == 1
        assert RegistrationApplication.objects.get().version == 6
        row = Qualification.objects.first()
    assert reviewer.post(f"/api/v1/qualifications/{row.id}/confirm/", {})[0] == 409
    assert (
        ApiClient(world, "maker", Role.SUPPLIER_ADMIN, person=True).get("/api/v1/qualifications/")[1]["results"] == []
    )


def test_lists_ask_the_database_a_constant_number_of_times(world, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk = browser(world.actor("operator", Role.OPERATOR_REVIEWER))
    counts = []
    for number in (1, 2, 3):
        applicant = submitted(number)
        reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)
        with scope.opened(reviewer):
            reviewing.registration_accept(actor=reviewer, at=scope.now(), application_id=applicant.id)
        desk.get("/registrations/")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            desk.get("/registrations/")
            desk.get("/qualifications/")
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2]
