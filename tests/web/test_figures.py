"""The workbench's figures: every role has some, and each counts what its link shows."""

import re
from html import unescape

import pytest

from sunlight.scope import Role
from tests.api_client import logged_in
from tests.factories import orders

ROLES = (
    ("hospital", (Role.HOSPITAL_BUYER, Role.HOSPITAL_RECEIVER)),
    ("hospital", (Role.HOSPITAL_APPROVER, Role.HOSPITAL_FINANCE)),
    ("hospital", (Role.HOSPITAL_AUDITOR, Role.HOSPITAL_ADMIN, Role.HOSPITAL_REQUESTER)),
    ("maker", (Role.SUPPLIER_LISTER, Role.SUPPLIER_SELLER, Role.SUPPLIER_FINANCE, Role.SUPPLIER_ADMIN)),
    ("distributor", (Role.SUPPLIER_SHIPPER,)),
    ("operator", (Role.OPERATOR_REVIEWER, Role.OPERATOR_CONFIRMER, Role.OPERATOR_SETTLER, Role.OPERATOR_SUPPORT)),
    ("regulator", (Role.REGULATOR_OFFICER, Role.REGULATOR_CHIEF, Role.REGULATOR_AUDITOR)),
)
FIGURE = re.compile(r'class="card card-sm card-link figure" href="([^"]+)".*?class="h1 mb-0">(\d+)</div>', re.S)


@pytest.fixture
def trade(world):
    """Two orders, one of them on its way, and a refusal."""
    orders.delivered(world)
    orders.placed(world)


def test_each_figure_counts_what_its_link_shows(world, trade):
    counts = {}
    for key, roles in ROLES:
        browser = logged_in(world.actor(key, *roles))
        found = FIGURE.findall(browser.get("/").content.decode())
        assert len(found) >= min(len(roles) + 1, 2), roles
        for url, number in found:
            answer = browser.get(unescape(url))
            assert answer.status_code == 200, (roles, url)
            assert answer.context["list"].page.paginator.count == int(number), (roles, url)
            counts[unescape(url)] = counts.get(unescape(url), 0) + int(number)
    assert counts["/orders/?state=PLACED"] >= 2  # the hospital's and the maker's
    assert counts["/deliveries/?state=DISPATCHED"] >= 2
