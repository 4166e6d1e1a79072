"""Keeping files: whose they are, who opens them, what a scanner finds."""

import socket
import threading
from dataclasses import replace

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client

from sunlight import scope
from sunlight.files import queries
from sunlight.files.filetypes import ATTACHMENTS
from sunlight.files.models import StoredFile
from sunlight.files.scanning import ClamdScanner
from sunlight.files.services.files import file_show, file_store
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, NotThere
from sunlight.scope import Role
from sunlight.scope.actor import ANONYMOUS
from tests.files.test_filetypes import PDF
from tests.world import PASSWORD

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def keep(actor, name="合同.pdf", content=PDF, **more):
    with scope.opened(actor):
        return file_store(actor=actor, at=scope.now(), name=name, content=content, accept=ATTACHMENTS, **more)


def may_open(actor, file):
    with scope.opened(actor):
        try:
            return bytes(queries.access_file(actor, file.id).content) == PDF
        except NotThere:
            # the wall says the same without any filter of ours
            assert not StoredFile.objects.filter(id=file.id).exists() or not actor.is_party
            return False


@pytest.fixture
def people(world):
    return {
        "hospital": world.actor("hospital", Role.HOSPITAL_BUYER),
        "other_hospital": world.actor("other_hospital", Role.HOSPITAL_BUYER),
        "maker": world.actor("maker", Role.SUPPLIER_SELLER),
        "other_maker": world.actor("other_maker", Role.SUPPLIER_SELLER),
        "operator": world.actor("operator", Role.OPERATOR_SUPPORT),
        "anonymous": ANONYMOUS,
    }


def test_each_visibility_shows_a_file_to_exactly_those_it_names(world, people):
    own = keep(people["hospital"])
    shared = keep(people["hospital"], visibility="PARTIES", parties=[world.maker.id])
    public = keep(people["operator"], visibility="PUBLIC")
    seen = {name: [may_open(actor, f) for f in (own, shared, public)] for name, actor in people.items()}
    assert seen == {
        "hospital": [True, True, True],
        "other_hospital": [False, False, True],
        "maker": [False, True, True],
        "other_maker": [False, False, True],
        # Theirs it opens only through what needs them.
        "operator": [False, False, True],
        "anonymous": [False, False, True],
    }


def by_sql(actor, statement: str, values=()) -> list | int | str:
    """Rows or their number as the database gives them to `actor`, or the error's code; nothing of ours in between."""
    with scope.opened(actor), connection.cursor() as cursor:
        point = transaction.savepoint()
        try:
            cursor.execute(statement, values)
            return [row[0] for row in cursor.fetchall()] if cursor.description else cursor.rowcount
        except DatabaseError as refused:
            return refused.__cause__.pgcode
        finally:
            transaction.savepoint_rollback(point)


READ = "select id from files_storedfile order by id"
KEEP = (
    "insert into files_storedfile (platform_id, organisation_id, name, content_type, size, sha256, content, visibility,"
    " parties, scanned_by, stored_at) values (%s, %s, 'x', 'x', 1, '', '', %s, '{}', '', '2026-03-02')"
)


def test_the_wall_holds_without_our_filters(world, people):
    own, shared, public = (
        keep(people["hospital"]).id,
        keep(people["hospital"], visibility="PARTIES", parties=[world.maker.id]).id,
        keep(people["operator"], visibility="PUBLIC").id,
    )
    elsewhere = replace(people["operator"], platform_id=0, platform_ids=(0,))
    assert {name: by_sql(actor, READ) for name, actor in people.items()} == {
        "hospital": [own, shared, public],
        "other_hospital": [public],
        "maker": [shared, public],
        "other_maker": [public],
        "operator": [own, shared, public],
        "anonymous": [public],
    }
    assert by_sql(elsewhere, READ) == []
    with pytest.raises(ProgrammingError, match="permission denied"), scope.login_scope():
        StoredFile.objects.count()


def test_the_wall_lets_nobody_write_more_than_its_own(world, people):
    own = keep(people["hospital"]).id
    hospital, maker, operator = people["hospital"], people["maker"], people["operator"]
    share = "update files_storedfile set visibility = %s where id = %s"
    platform = world.platform.id
    assert by_sql(hospital, KEEP, [platform, world.hospital.id, "OWN"]) == 1
    for organisation, visibility in ((world.maker.id, "OWN"), (None, "OWN"), (world.hospital.id, "PUBLIC")):
        assert by_sql(hospital, KEEP, [platform, organisation, visibility]) == "42501"
    assert by_sql(ANONYMOUS, KEEP, [platform, None, "OWN"]) == "42501"
    assert by_sql(hospital, share, ["PARTIES", own]) == 1
    assert by_sql(hospital, share, ["PUBLIC", own]) == "42501"
    assert by_sql(operator, share, ["PUBLIC", own]) == 1
    assert by_sql(maker, share, ["PARTIES", own]) == 0
    for actor in (hospital, operator):
        assert by_sql(actor, "update files_storedfile set content = 'x' where id = %s", [own]) == "42501"
        assert by_sql(actor, "update files_storedfile set sha256 = 'x' where id = %s", [own]) == "42501"
        assert by_sql(actor, "delete from files_storedfile where id = %s", [own]) == "42501"


def test_a_party_publishes_nothing_and_shows_only_its_own(world, people):
    file = keep(people["hospital"])
    hospital, other = people["hospital"], people["other_hospital"]
    with scope.opened(hospital):
        with pytest.raises(Forbidden):
            file_store(actor=hospital, at=scope.now(), name="a.pdf", content=PDF, visibility="PUBLIC")
        with pytest.raises(Forbidden):
            file_show(actor=hospital, at=scope.now(), file_id=file.id, visibility="PUBLIC")
    with scope.opened(other), pytest.raises(NotThere):
        file_show(actor=other, at=scope.now(), file_id=file.id, visibility="PARTIES", parties=[world.other_hospital.id])
    with scope.opened(hospital):
        assert StoredFile.objects.get().visibility == "OWN"
        file_show(actor=hospital, at=scope.now(), file_id=file.id, visibility="PARTIES", parties=[world.maker.id])
        assert Event.objects.get(name="file_shown").payload["parties"] == [world.maker.id]
    assert may_open(people["maker"], file)


def test_a_refused_file_leaves_nothing(people):
    with pytest.raises(Invalid):
        keep(people["hospital"], name="a.pdf", content=b"MZ\x90\x00")
    with scope.opened(people["operator"]):
        assert not StoredFile.objects.exists()
        assert not Refusal.objects.exists()


class FakeClamd(threading.Thread):
    """Speaks clamd's side of INSTREAM once, on a socket of this machine; finds EICAR."""

    def __init__(self, path, answer=None):
        super().__init__(daemon=True)
        self.line, self.answer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), answer
        self.line.bind(str(path))
        self.line.listen(1)
        self.start()

    def run(self):
        talk, _ = self.line.accept()
        with self.line, talk, talk.makefile("rb") as said:
            assert said.read(10) == b"zINSTREAM\0"
            content = b""
            while length := int.from_bytes(said.read(4), "big"):
                content += said.read(length)
            found = b"Eicar-Test-Signature FOUND" if b"EICAR" in content else b"OK"
            talk.sendall((self.answer or b"stream: " + found) + b"\0")


def test_clamd_lets_a_clean_file_pass_and_the_file_says_who_looked(people, settings, tmp_path):
    FakeClamd(tmp_path / "c")
    settings.CLAMD_ADDRESS = f"unix:{tmp_path / 'c'}"
    assert keep(people["hospital"]).scanned_by == "clamd"


def test_clamd_finds_a_virus_in_the_last_piece(people, settings, tmp_path):
    FakeClamd(tmp_path / "c")
    settings.CLAMD_ADDRESS = f"unix:{tmp_path / 'c'}"
    with pytest.raises(Invalid) as refused:
        keep(people["hospital"], name="a.txt", content=b"a" * 200_000 + EICAR)
    assert refused.value.code == "file_infected"
    assert "Eicar-Test-Signature" in refused.value.message
    with scope.opened(people["hospital"]):
        assert not StoredFile.objects.exists()


def test_a_silent_or_confused_scanner_refuses_the_file(people, settings, tmp_path):
    settings.CLAMD_ADDRESS = f"unix:{tmp_path / 'nobody'}"
    with pytest.raises(Conflict) as refused:
        keep(people["hospital"])
    assert refused.value.code == "scanner_silent"
    FakeClamd(tmp_path / "c", answer=b"INSTREAM size limit exceeded. ERROR")
    with pytest.raises(OSError, match="size limit"):
        ClamdScanner(f"unix:{tmp_path / 'c'}").found(b"x")


def test_without_a_scanner_the_file_says_that_nobody_looked(people):
    assert keep(people["hospital"]).scanned_by == ""


def browser(actor):
    from sunlight.tenancy.models import User

    with scope.login_scope():
        username = User.objects.get(pk=actor.user_id).username
    client = Client()
    client.post("/login/", {"username": username, "password": PASSWORD})
    return client


def test_a_file_is_uploaded_listed_and_saved_under_its_chinese_name(people):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = browser(people["hospital"])
    answer = client.post("/files/", {"file": SimpleUploadedFile("采购 合同.pdf", PDF, "text/html")})
    assert answer.status_code == 302
    page = client.get("/files/").content.decode()
    assert "采购 合同.pdf" in page
    assert "PDF 文档" in page
    with scope.opened(people["hospital"]):
        file = StoredFile.objects.get()
    got = client.get(f"/files/{file.id}/")
    assert got.content == PDF
    assert got["Content-Type"] == "application/pdf"
    assert got["Content-Disposition"] == "attachment; filename*=utf-8''%E9%87%87%E8%B4%AD%20%E5%90%88%E5%90%8C.pdf"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert browser(people["other_hospital"]).get(f"/files/{file.id}/").status_code == 404
    assert Client().get(f"/files/{file.id}/").status_code == 404


def test_a_refused_upload_says_what_to_do_in_the_form(people):
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = browser(people["hospital"]).post("/files/", {"file": SimpleUploadedFile("a.pdf", b"MZ\x90\x00")})
    assert answer.status_code == 422
    assert "请另存为其中一种后重新上传" in answer.content.decode()


def test_an_upload_over_the_limit_is_refused_by_its_size_unread(people, monkeypatch):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from sunlight.web import uploads

    monkeypatch.setattr(uploads.sent_file, "__kwdefaults__", {"most_bytes": 5})
    answer = browser(people["hospital"]).post("/files/", {"file": SimpleUploadedFile("a.pdf", PDF)})
    assert answer.status_code == 422
    assert "文件超过" in answer.content.decode()
    with scope.opened(people["hospital"]):
        assert not StoredFile.objects.exists()


def test_a_web_page_kept_unjudged_is_never_shown_as_one(people):
    """Imports keep whatever came in; what looks like a page or a drawing still goes out as plain text, to be saved."""
    for name, content in (("a.html", b"<html><script>alert(1)</script>"), ("a.svg", b"<svg onload='alert(1)'/>")):
        with scope.opened(people["hospital"]):
            hospital = people["hospital"]
            file = file_store(actor=hospital, at=scope.now(), name=name, content=content, content_type="text/html")
        got = browser(people["hospital"]).get(f"/files/{file.id}/")
        assert got["Content-Type"] == "text/plain"
        assert got["Content-Disposition"] == f'attachment; filename="{name}"'
        assert got["X-Content-Type-Options"] == "nosniff"


def test_a_scanner_with_a_wrong_address_refuses_instead_of_breaking(people, settings):
    settings.CLAMD_ADDRESS = "tcp:localhost"
    with pytest.raises(Conflict) as refused:
        keep(people["hospital"])
    assert refused.value.code == "scanner_silent"
