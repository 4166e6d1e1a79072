"""Restrictions at the desk of listings: who may not list is refused at every step, who may not sell is not."""

import pytest

from catalog.services import listings
from sunlight.journal.refusals import Refused
from sunlight.tenancy.standing import TradeAct
from tests.factories.standing import barred


def test_who_may_not_list_is_refused_at_draft_submission_and_review(catalogue, world):
    draft = catalogue.draft(codes=list(catalogue.own.codes[:1]))
    submitted = catalogue.submit(catalogue.draft(codes=list(catalogue.own.codes[1:2])))
    barred(world, "maker", TradeAct.LIST)
    for call in (
        lambda: catalogue.draft(codes=list(catalogue.own.codes[2:3])),
        lambda: catalogue.submit(draft),
        lambda: catalogue.call(listings.listing_approve, catalogue.reviewer, listing_id=submitted.id),
    ):
        with pytest.raises(Refused) as caught:
            call()
        assert (caught.value.code, caught.value.clauses) == ("lister_barred", ["SZ20-6.3"])
        assert "不得申报挂网" in caught.value.message


def test_who_may_not_sell_or_deliver_still_lists(catalogue, world):
    barred(world, "maker", TradeAct.SELL, TradeAct.DELIVER, TradeAct.BUY, TradeAct.BID)
    assert catalogue.listed().state == "LISTED"
