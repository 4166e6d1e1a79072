"""The law library has the official document of each act: the platform puts it there, everybody reads it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from supervision.models import ActDocument
from supervision.services.documents import act_document_add, act_document_take_back
from tests.browsing import client_of
from tests.registering import PDF

SOURCE = "国家法律法规库"


def _add(actor, **facts):
    with scope.opened(actor):
        given = {"act": "SZ20", "name": "实施方案.pdf", "content": PDF, "source": SOURCE} | facts
        return act_document_add(actor=actor, at=scope.now(), **given)


@pytest.fixture
def keeper(world, center):
    return world.actor("center", Role.PLATFORM_SYSTEM_ADMIN)


@pytest.mark.clause("SZ20-5.3.2b", "JS20-39", on="page")
def test_everybody_reads_the_document_until_it_is_taken_back(world, keeper):
    document = _add(keeper)
    page = Client().get("/supervision/acts/SZ20/").content.decode()
    assert "实施方案.pdf" in page and SOURCE in page and document.file.sha256 in page
    assert Client().get(f"/files/{document.file_id}/").content == PDF
    with scope.opened(keeper):
        act_document_take_back(actor=keeper, at=scope.now(), document_id=document.id, reason="传错了文件")
    assert "实施方案.pdf" not in Client().get("/supervision/acts/SZ20/").content.decode()
    assert Client().get(f"/files/{document.file_id}/").status_code == 404


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"act": "SZ99"}, NotThere),
        ({"content": b"PK\x03\x04"}, Invalid),
        ({"source": " "}, Invalid),
    ],
)
def test_what_is_no_document(world, keeper, facts, refused):
    with pytest.raises(refused):
        _add(keeper, **facts)
    with scope.opened(keeper):
        assert not ActDocument.objects.exists()


def test_the_same_file_is_there_once(world, keeper):
    _add(keeper)
    with pytest.raises(Conflict):
        _add(keeper)


def test_only_the_platform_keeps_the_library(world, keeper):
    document = _add(keeper)
    for key, role in (("operator", Role.OPERATOR_SUPPORT), ("regulator", Role.REGULATOR_CHIEF)):
        actor = world.actor(key, role)
        with pytest.raises(Forbidden):
            _add(actor)
        with pytest.raises(Forbidden), scope.opened(actor):
            act_document_take_back(actor=actor, at=scope.now(), document_id=document.id, reason="不要了")


def test_the_page_takes_a_file_and_says_what_is_wrong(world, keeper):
    client = client_of(keeper)
    answer = client.post("/supervision/acts/SZ24/documents/", {"source": SOURCE})
    assert answer.status_code == 422 and SOURCE in answer.content.decode()
    sent = {"source": SOURCE, "file": SimpleUploadedFile("草案.pdf", PDF, "application/pdf")}
    assert client.post("/supervision/acts/SZ24/documents/", sent).status_code == 302
    page = client.get("/supervision/acts/SZ24/").content.decode()
    assert "草案.pdf" in page and "施行中" not in page and "征求意见稿（演示加载）" in page
