"""Registration of organisations: the applicant's side, the review, what comes into being, and what never does."""

import pytest
from django.db import ProgrammingError

from sunlight import scope
from sunlight.files.models import StoredFile
from sunlight.journal.models import Event, Refusal
from sunlight.journal.refusals import Conflict, Invalid, NotThere
from sunlight.kernel.machine import IllegalMove
from sunlight.registration import queries, workflows
from sunlight.registration.declarations import declared_of, faults_of, share_of
from sunlight.registration.models import RegistrationApplication, RegistrationDocument
from sunlight.registration.services import applications as applying
from sunlight.registration.services import review as reviewing
from sunlight.scope import Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.tenancy.models import User
from tests.registering import CLIENT, PDF, Applicant, code, hospital, newcomer, submitted, supplier

NOTE = {"note": "营业执照扫描件不清晰", "clause": ""}


@pytest.fixture
def reviewer(world):
    return world.actor("operator", Role.OPERATOR_REVIEWER)


def review(actor, call, applicant, **facts):
    with scope.opened(actor):
        return call(actor=actor, at=scope.now(), application_id=applicant.id, **facts)


def seen(world, model, **where):
    with scope.opened(world.system):
        return list(model.objects.filter(**where))


def person(username):
    with scope.login_scope():
        return User.objects.get(username=username)


# --- machines -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", [workflows.REGISTRATION, workflows.QUALIFICATION], ids=lambda m: m.name)
def test_every_other_state_move_and_role_is_refused(machine):
    legal = {(s, m.name, r) for m in machine.table for s in m.from_states for r in m.by}
    for state in machine.states:
        for move in machine.table:
            for role in Role:
                if (state, move.name, role) in legal:
                    assert machine.apply(state, move.name, role) is move.to_state
                else:
                    with pytest.raises(IllegalMove):
                        machine.apply(state, move.name, role)


# --- the form -----------------------------------------------------------------------------------------------------------


def faults(kind="SUPPLIER", **changes):
    typed = (hospital if kind == "HOSPITAL" else supplier)(**changes)
    return [name for name, _ in faults_of(kind, declared_of(kind, typed), regions=["CN-GD-SZ"])]


def test_a_complete_form_has_no_faults():
    assert faults() == [] and faults("HOSPITAL") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " \x00 "}, "name"),
        ({"credit_code": code(1)[:-1] + "0"}, "credit_code"),
        ({"credit_code": ""}, "credit_code"),
        ({"region_code": "CN-XX"}, "region_code"),
        ({"phone": "打电话"}, "phone"),
        ({"admin_email": "a@b"}, "admin_email"),
        ({"account_number": "６２２７００００"}, "account_number"),
        ({"contacts": []}, "contacts"),
        ({"contacts": "x"}, "contacts"),
        ({"contacts": [{"name": "甲"}]}, "contacts"),
        ({"capacities": []}, "capacities"),
        ({"capacities": ["operator"]}, "capacities"),
        ({"capacities": ["agent"]}, "producer_names"),
        ({"stakes": []}, "stakes"),
        ({"stakes": [{"holder_name": "甲", "share": "0", "is_controller": True}]}, "stakes"),
        (
            {
                "stakes": [
                    {"holder_name": "甲", "share": "60", "is_controller": True},
                    {"holder_name": "乙", "share": "41"},
                ]
            },
            "stakes",
        ),
        ({"stakes": [{"holder_name": "甲", "share": "60"}]}, "stakes"),
    ],
)
def test_each_fault_names_its_field(changes, field):
    assert faults(**changes) == [field]


def test_what_is_typed_is_cut_to_what_is_known():
    kept = declared_of("SUPPLIER", {"name": "甲" * 300 + "\x00", "admin": True, "stakes": [{"share": 1}, 5] * 20})
    assert len(kept["name"]) == 200 and "admin" not in kept and kept["stakes"] == []
    assert [str(share_of(text)) for text in ("60.5", "100", "0", "101", "1e1", "٥", "")] == [
        "60.5",
        "100",
        "None",
        "None",
        "None",
        "None",
        "None",
    ]


# --- the applicant ------------------------------------------------------------------------------------------------------


def test_number_and_secret_open_an_application_and_nothing_else_does(world):
    mine, other = Applicant(), Applicant()
    assert len(mine.number) == 20 and mine.number != other.number and len(mine.secret) == 32
    assert seen(world, RegistrationApplication, id=mine.id)[0].secret_hash != mine.secret
    said = set()
    for number, secret in ((mine.number, other.secret), ("2" * 20, mine.secret), (mine.number, ""), ("\x00", "x")):
        with scope.opened(ANONYMOUS), pytest.raises(NotThere) as refused:
            queries.application_by_link(number, secret, client=CLIENT)
        said.add(refused.value.message)
    assert len(said) == 1


def test_a_draft_is_saved_incomplete_and_submitted_whole(world, reviewer):
    applicant = Applicant().fill(supplier(phone=""))
    with scope.opened(reviewer):
        assert not queries.applications_visible_to(reviewer).exists()
    with pytest.raises(Invalid) as refused:
        applicant.submit()
    assert (refused.value.code, refused.value.field) == ("declaration_incomplete", "phone")
    applicant.fill(supplier())
    with pytest.raises(Invalid) as refused:
        applicant.submit()
    assert refused.value.code == "document_missing" and "医疗器械经营许可证" in refused.value.message
    for kind in ("business_licence", "person_letter", "trade_permit"):
        applicant.attach(kind)
    with pytest.raises(Invalid) as refused:
        applicant.does(applying.registration_submit, commitment_sha256="")
    assert refused.value.code == "commitment_missing"
    before = queries.secret_hash(applicant.view().commitment)
    applicant.fill(supplier(phone="0755-26000009"))
    with pytest.raises(Invalid) as refused:
        applicant.does(applying.registration_submit, commitment_sha256=before)
    assert refused.value.code == "commitment_changed"
    applicant.submit()
    row = seen(world, RegistrationApplication, id=applicant.id)[0]
    assert row.state == "SUBMITTED" and queries.secret_hash(row.commitment_text) == row.commitment_sha256
    event = seen(world, Event, name="registration_submitted")[0]
    assert event.on_behalf_of.startswith("organisation:None") or applicant.number in event.on_behalf_of
    assert [document["kind"] for document in event.payload["documents"]] == [
        "business_licence",
        "trade_permit",
        "person_letter",
    ]
    # What was missing was typed next: nothing of it is on record.
    assert seen(world, Refusal) == []


def test_after_submission_nothing_changes_until_it_comes_back(world, reviewer):
    applicant = submitted()
    for call, facts in (
        (applying.registration_save, {"typed": supplier(2)}),
        (applying.registration_attach, {"kind": "other", "name": "a.pdf", "content": PDF}),
        (applying.registration_detach, {"document_id": 1}),
    ):
        with pytest.raises(Conflict):
            applicant.does(call, **facts)
    with pytest.raises(Conflict):
        applicant.submit()
    review(reviewer, reviewing.registration_return, applicant, **NOTE)
    assert applicant.view().application.review_note == NOTE["note"]
    applicant.fill(supplier(1, phone="0755-26000009"))
    applicant.submit()
    assert seen(world, RegistrationApplication, id=applicant.id)[0].state == "SUBMITTED"


def test_a_hostile_document_is_refused_and_nothing_kept(world):
    applicant = Applicant()
    for name, content, refusal in (
        ("执照.pdf", b"MZ\x90\x00", "file_type_refused"),
        ("执照.html", PDF, "file_ending_differs"),
        ("执照.pdf", b"", "file_empty"),
        ("执照.pdf", PDF + b" " * (11 << 20), "file_too_large"),
    ):
        with pytest.raises(Invalid) as refused:
            applicant.does(applying.registration_attach, kind="other", name=name, content=content)
        assert refused.value.code == refusal
    with pytest.raises(Invalid):
        applicant.does(applying.registration_attach, kind="passport", name="a.pdf", content=PDF)
    assert seen(world, StoredFile) == [] and seen(world, RegistrationDocument) == []


def test_documents_and_new_applications_have_a_limit(world, monkeypatch):
    monkeypatch.setattr(applying, "MOST_DOCUMENTS", 1)
    monkeypatch.setattr(applying, "MOST_UPLOADS", 2)
    monkeypatch.setattr(applying, "MOST_OPENED", 2)
    applicant = Applicant()
    first = applicant.attach("other")
    with pytest.raises(Conflict):
        applicant.attach("other")
    applicant.does(applying.registration_detach, document_id=first.id)
    with pytest.raises(NotThere):
        applicant.does(applying.registration_detach, document_id=first.id)
    applicant.attach("other")
    with pytest.raises(Conflict):
        applicant.attach("other")
    Applicant()
    with pytest.raises(Conflict) as refused:
        Applicant()
    assert refused.value.code == "too_many_applications"


def test_one_applicant_reaches_nothing_of_another(world):
    mine, other = Applicant(), Applicant()
    document = other.attach("other")
    with pytest.raises(NotThere):
        mine.does(applying.registration_detach, document_id=document.id)
    assert other.view().documents[0].id == document.id


@pytest.mark.parametrize("model", [RegistrationApplication, RegistrationDocument])
def test_no_party_and_no_stranger_reads_applications(world, model):
    submitted()
    for actor in (world.actor("maker", Role.SUPPLIER_ADMIN), ANONYMOUS):
        with pytest.raises(ProgrammingError, match="permission denied"), scope.opened(actor):
            model.objects.exists()
    with scope.opened(newcomer("js")):
        assert not model.objects.exists()
