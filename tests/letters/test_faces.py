"""Letters on the pages and over the API: both sides, the printed sheet, what is not theirs."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sunlight import scope
from sunlight.letters.models import Letter, LetterOpening
from sunlight.letters.web.lists import plain_number
from sunlight.scope import Role
from tests.api_client import ApiClient
from tests.browsing import client_of
from tests.letters.test_letters import PDF, admin
from tests.letters.writing import chief, officer, sent

WORDS = {
    "kind": "INQUIRY",
    "title": "关于配送的问询函",
    "text": "请说明。",
    "term_days": "5",
    "must_answer": "1",
    "must_acknowledge": "1",
}


def only(world) -> Letter:
    with scope.opened(world.system):
        return Letter.objects.get()


def test_the_pages_play_a_letter_from_draft_to_answer(world):
    desk, head, hospital = client_of(officer(world)), client_of(chief(world)), client_of(admin(world))
    assert "请于收到本函之日起10个工作日内书面答复" in desk.get("/letters/new/", {"kind": "INQUIRY"}).content.decode()
    refused = desk.post("/letters/new/", WORDS)
    assert refused.status_code == 422 and "请选择收件单位" in refused.content.decode()
    made = desk.post("/letters/new/", WORDS | {"addressee": world.hospital.id})
    page = made.url
    assert hospital.get(page).status_code == 404
    assert "送签" in desk.get(page).content.decode()
    desk.post(page + "edit/", WORDS | {"text": "请书面说明。"})
    desk.post(page + "submit/")
    assert "签发并送达" not in desk.get(page).content.decode()
    assert "签发并送达" in head.get(page).content.decode()
    head.post(page + "send/")
    letter = only(world)
    assert (letter.state, letter.text) == ("DELIVERED", "请书面说明。")
    shown = hospital.get(page).content.decode()
    assert letter.number in shown and "记为收到" in shown and "签收" in shown
    assert letter.number in hospital.get("/letters/").content.decode()
    for _ in range(2):
        hospital.post(page + "opened/")
    hospital.post(page + "acknowledge/")
    file = SimpleUploadedFile("说明.pdf", PDF, "application/pdf")
    assert hospital.post(page + "answer/", {"text": "已改正", "files": [file]}).status_code == 302
    read = desk.get(page).content.decode()
    assert "已改正" in read and "说明.pdf" in read
    with scope.opened(world.system):
        assert LetterOpening.objects.count() == 1
    sheet = hospital.get(page + "print/").content.decode()
    assert letter.number in sheet and "（盖章）" in sheet and letter.text_sha256 in sheet
    assert hospital.get(page + "seal/").status_code == 404
    stranger = client_of(admin(world, "other_hospital"))
    assert [stranger.get(page + more).status_code for more in ("", "print/", "seal/")] == [404, 404, 404]


def test_the_answers_file_is_opened_by_the_sender_through_the_letter(world):
    letter = sent(world)
    hospital = client_of(admin(world))
    file = SimpleUploadedFile("说明.pdf", PDF, "application/pdf")
    hospital.post(f"/letters/{letter.id}/answer/", {"text": "已改正", "files": [file]})
    shown = client_of(officer(world)).get(f"/letters/{letter.id}/").content.decode()
    address = re.search(r'href="(/files/\d+/for/[^"]+)"', shown)[1]
    assert client_of(officer(world)).get(address).content == PDF
    support = client_of(world.actor("operator", Role.OPERATOR_SUPPORT))
    assert support.get(address).status_code in (403, 404)


def test_over_the_api_a_machine_writes_reads_and_answers_and_signs_nothing(world):
    desk = ApiClient(world, "regulator", Role.REGULATOR_OFFICER)
    body = {"kind": "INQUIRY", "addressee_id": world.hospital.id, "title": "问询", "text": "请说明", "term_days": 5}
    status, made = desk.post("/api/v1/letters/", body)
    assert (status, made["state"]) == (201, "DRAFT")
    address = f"/api/v1/letters/{made['id']}/"
    assert desk.post(address + "submit/")[1]["state"] == "SUBMITTED"
    status, refused = ApiClient(world, "regulator", Role.REGULATOR_CHIEF).post(address + "send/")
    assert (status, refused["code"]) == (403, "in_person")
    letter = sent(world)
    address = f"/api/v1/letters/{letter.id}/"
    his = ApiClient(world, "hospital", Role.HOSPITAL_BUYER)
    assert his.get("/api/v1/letters/")[1]["results"][0]["number"] == letter.number
    assert his.post(address + "open/")[0] == 200
    status, refused = his.post(address + "answer/", {"text": "已说明"})
    assert (status, refused["code"]) == (403, "not_your_letter")
    keeper = ApiClient(world, "hospital", Role.HOSPITAL_ADMIN, person=True)
    status, answered = keeper.post(address + "answer/", {"text": "已说明"})
    assert (status, answered["state"], answered["answers"][0]["text"]) == (200, "ANSWERED", "已说明")
    assert ApiClient(world, "other_hospital", Role.HOSPITAL_BUYER).get(address)[0] == 404


@pytest.mark.parametrize(
    "typed", ["深医保督(2026)3号", "深医保督[2026] 3号", "深医保督【２０２６】3号", "深医保督〔2026〕3号"]
)
def test_a_number_is_found_whatever_brackets_are_typed(typed):
    assert plain_number(typed) == "深医保督〔2026〕3号"
