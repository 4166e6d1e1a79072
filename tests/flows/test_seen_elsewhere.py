"""Whoever may not see the page does not see it elsewhere: the attacks that went round the roles, tried again."""

from dataclasses import replace

import pytest

from settlement.queries.payments import payments_of, payments_visible_to
from sunlight import scope
from sunlight.files.services.files import file_store
from sunlight.journal.models import Event
from sunlight.journal.refusals import Invalid
from sunlight.journal.services import record_refusal
from sunlight.registration import queries as registration
from sunlight.scope import Role
from supervision.queries.refusals import refusals_visible_to
from supervision.queries.words import covered
from tests.browsing import client_of
from tests.factories import orders, settlement
from tests.registering import PDF, submitted

TAIL = "****"


@pytest.fixture
def officer(world):
    return world.actor("regulator", Role.REGULATOR_OFFICER)


def test_a_receiver_does_not_trace_what_its_pages_refuse(world):
    """receiver1 read prices, bounds and names of offers, contracts, runs and invoices by their traces."""
    payable = settlement.owed(world)
    run = settlement.prepared(world, [payable])
    with scope.opened(world.system):
        offer = Event.objects.filter(subject_type="offer").values_list("subject_id", flat=True).first()
        contract = Event.objects.filter(subject_type="contract").values_list("subject_id", flat=True).first()
    named = {"payment_run": run.id, "payable": payable.id}
    named |= {name: each for name, each in (("offer", offer), ("contract", contract)) if each is not None}
    receiver, shipper = (
        client_of(world.actor("hospital", Role.HOSPITAL_RECEIVER)),
        client_of(world.actor("maker", Role.SUPPLIER_SHIPPER)),
    )
    finance = client_of(world.actor("hospital", Role.HOSPITAL_FINANCE))
    for subject, row in named.items():
        where = f"/supervision/trace/{subject}/{row}/"
        assert receiver.get(where).status_code == shipper.get(where).status_code == 403, subject
        if subject != "offer":
            assert finance.get(where).status_code == 200, subject
    # The settler's pages refuse contracts and offers of all parties.
    settler = client_of(world.actor("operator", Role.OPERATOR_SETTLER))
    assert settler.get(f"/supervision/trace/payment_run/{run.id}/").status_code == 200
    for subject in named.keys() & {"offer", "contract"}:
        assert settler.get(f"/supervision/trace/{subject}/{named[subject]}/").status_code == 403


@pytest.mark.clause("SZ20-4.1", on="rule")
def test_a_payees_account_is_whole_for_those_whose_part_money_is(world, officer):
    run = settlement.prepared(world, [settlement.owed(world)])
    support = world.actor("operator", Role.OPERATOR_SUPPORT)
    for actor, whole in (
        (replace(officer, authority="insurance"), True),
        (replace(officer, authority="discipline"), True),
        (replace(officer, authority="health"), False),
        (support, False),
        (world.actor("hospital", Role.HOSPITAL_FINANCE), True),
    ):
        with scope.opened(actor):
            for payment in (payments_of(actor, run).get(), payments_visible_to(actor).get()):
                number = payment.payee_account_number
                assert payment.account_shown == (number if whole else TAIL + number[-4:])
        told = covered({"account": number, "payee": 3}, actor, "payment_made")
        assert told == {"account": number if whole else TAIL + number[-4:], "payee": 3}
        listed = covered({"bank_account": {"account_number": number, "bank_name": "行"}}, actor)
        assert listed["bank_account"]["account_number"] == (number if whole else TAIL + number[-4:])
    page = client_of(support).get("/settlement/payments/").content.decode()
    assert TAIL + number[-4:] in page and number not in page


@pytest.mark.clause("SZ20-4.1", on="rule")
def test_an_authority_reads_the_refused_acts_of_its_part(world, officer):
    refused = Invalid("price", "报价 100 元高于价格预警线。", subject=("offer", 7))
    for key, role, service in (
        ("hospital", Role.HOSPITAL_BUYER, "offer_make"),
        ("maker", Role.SUPPLIER_SELLER, "offer_accept"),
        ("hospital", Role.HOSPITAL_FINANCE, "run_prepare"),
    ):
        mine = refused if service != "run_prepare" else Invalid("not_payable", "没有可付的款。")
        record_refusal(service_name=service, actor=world.actor(key, role), at=scope.now(), refusal=mine)

    def seen_by(actor) -> list[str]:
        with scope.opened(actor):
            return sorted(refusals_visible_to(actor).values_list("service", flat=True))

    everything = ["offer_accept", "offer_make", "run_prepare"]
    assert seen_by(replace(officer, authority="insurance")) == everything
    assert seen_by(replace(officer, authority="health")) == ["offer_make"]
    assert seen_by(replace(officer, authority="market")) == ["offer_accept"]
    assert seen_by(replace(officer, authority="weather")) == []
    assert seen_by(world.actor("hospital", Role.HOSPITAL_RECEIVER)) == []
    assert seen_by(world.actor("hospital", Role.HOSPITAL_FINANCE)) == ["run_prepare"]
    assert seen_by(world.actor("hospital", Role.HOSPITAL_AUDITOR)) == ["offer_make", "run_prepare"]


def test_an_unshared_file_is_opened_through_its_application_alone_and_on_record(world, officer):
    """The settler and every officer opened a maker's own, unshared licence."""
    maker = world.actor("maker", Role.SUPPLIER_ADMIN)
    with scope.opened(maker):
        own = file_store(actor=maker, at=scope.now(), name="生产许可证.pdf", content=PDF)
    application = submitted()
    with scope.opened(world.system):
        (document, *_rest) = registration.application_files(replace(world.system, kind="OPERATOR"), application.id)
    through = f"/files/{document}/for/registration/{application.id}/"
    settler = client_of(world.actor("operator", Role.OPERATOR_SETTLER))
    reviewer = client_of(world.actor("operator", Role.OPERATOR_REVIEWER))
    for reader in (settler, reviewer, client_of(officer)):
        assert reader.get(f"/files/{own.id}/").status_code == reader.get(f"/files/{document}/").status_code == 404
        assert reader.get(f"/files/{own.id}/for/registration/{application.id}/").status_code in (403, 404)
    assert settler.get(through).status_code == 403
    with scope.opened(world.system):
        assert not Event.objects.filter(name="file_opened").exists()
    assert reviewer.get(through).content == PDF and client_of(maker).get(f"/files/{own.id}/").content == PDF
    with scope.opened(world.system):
        kept = Event.objects.get(name="file_opened")
    assert (kept.subject_id, kept.payload["for_noun"], kept.payload["for_id"]) == (
        document,
        "registration",
        application.id,
    )
    assert kept.actor_roles == ["OPERATOR_REVIEWER"] and kept.parties == [world.organisations["operator"].id]


def test_an_order_is_still_traced_by_who_receives_it(world):
    order = orders.accepted_order(world)
    receiver = client_of(world.actor("hospital", Role.HOSPITAL_RECEIVER))
    page = receiver.get(f"/supervision/trace/order/{order.id}/")
    assert page.status_code == 200 and "/trace/agreement/" not in page.content.decode()
