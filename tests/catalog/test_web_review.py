"""The reviewer's desk: declared beside registered, the next item at once, and one press decides one item."""

import re

import pytest

from catalog.models import Certificate, Listing
from sunlight import scope
from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories.catalog import listed

HTMX = {"HX-Request": "true"}


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def reviewer(world):
    return logged_in(world.actor("operator", Role.OPERATOR_REVIEWER))


@pytest.fixture
def waiting(world):
    """Three applications, in the order of their submission."""
    return [
        listed(world, str(price), state="SUBMITTED", listed_on=None, reviewed_at=None, open_on_platform=False)
        for price in (110, 120, 130)
    ]


def state_of(world, listing) -> str:
    with scope.opened(world.system):
        return Listing.objects.get(id=listing.id).state


def decide(reviewer, listing, decision, **more):
    data = {"decision": decision, "version": listing.version, **more}
    return reviewer.post(f"/catalog/review/{listing.id}/", data, headers=HTMX)


@pytest.mark.clause("GD25-2.2c", on="rule")
def test_the_longest_wait_comes_first_with_differences_marked(world, reviewer, waiting):
    with scope.opened(world.system):
        Certificate.objects.filter(id=waiting[0].price_group.certificate_id).update(number="国械注准20991111111")
    page = text(reviewer.get("/catalog/review/"))
    assert waiting[0].number in page
    assert "第 1 / 3 件" in page
    assert re.findall(r'class="table-danger"><th scope="row"><span lang="zh">([^<]+)', page) == ["注册（备案）号"]
    assert "国械注准20991111111" in page
    assert f"/catalog/review/{waiting[1].id}/" in page
    assert "审核通过，挂网" in page
    assert "disabled aria-describedby" in page  # what the certificate check refuses cannot be approved


def test_after_a_decision_the_next_is_there_at_once(world, reviewer, waiting):
    page = decide(reviewer, waiting[0], "approve")
    assert "已审核通过并挂网" in text(page)
    assert "<html" not in text(page)
    assert waiting[1].number in text(page)
    assert "第 1 / 2 件" in text(page)
    assert [state_of(world, each) for each in waiting] == ["LISTED", "SUBMITTED", "SUBMITTED"]


def test_a_double_press_decides_one_item(world, reviewer, waiting):
    decide(reviewer, waiting[0], "approve")
    again = decide(reviewer, waiting[0], "approve")
    assert again.status_code == 409
    assert [state_of(world, each) for each in waiting] == ["LISTED", "SUBMITTED", "SUBMITTED"]
    changed = reviewer.post(
        f"/catalog/review/{waiting[1].id}/", {"decision": "approve", "version": waiting[1].version + 1}, headers=HTMX
    )
    assert (changed.status_code, "已有变化" in text(changed)) == (409, True)
    assert state_of(world, waiting[1]) == "SUBMITTED"


def test_sending_back_needs_a_reason_and_keeps_what_was_ticked(world, reviewer, waiting):
    refused = decide(reviewer, waiting[0], "reject")
    assert (refused.status_code, "请填写原因与要求" in text(refused)) == (422, True)
    decide(reviewer, waiting[0], "reject", reason=["注册证已到期或有效期未更新", "规格编码选择有误"], note="请补充")
    with scope.opened(world.system):
        row = Listing.objects.get(id=waiting[0].id)
    assert (row.state, row.review_note) == ("REJECTED", "注册证已到期或有效期未更新；规格编码选择有误；请补充")
    assert "没有待审核的申请" not in text(reviewer.get("/catalog/review/"))
    for each in waiting[1:]:
        last = decide(reviewer, each, "approve")
    assert "没有待审核的申请" in text(last)


def test_silence_decides_nothing(world, reviewer, waiting):
    assert decide(reviewer, waiting[0], "").status_code == 422
    assert state_of(world, waiting[0]) == "SUBMITTED"


def test_only_reviewers_open_it(world, waiting):
    lister = logged_in(world.actor("maker", Role.SUPPLIER_LISTER))
    assert lister.get("/catalog/review/").status_code == 403
    assert lister.post(f"/catalog/review/{waiting[0].id}/", {"decision": "approve"}).status_code == 403
    assert state_of(world, waiting[0]) == "SUBMITTED"
