"""All five jurisdictions on stage: each hospital of the demonstration trades under the law of its own region."""

import pytest
from django.test import Client, override_settings

from procurement.ordering.models import OrderLine
from procurement.receiving.models import Acceptance
from settlement.models.payment import Payable
from sunlight import scope
from sunlight.demo.places import PLACES
from sunlight.journal.models import Decision
from sunlight.scope import Actor, Role
from sunlight.scope.principal import SYSTEM
from sunlight.tenancy.models import Organisation, Platform, Region

# region of the hospital → the clauses its order's decision rests on, and its payment.
LAW = {
    "CN-GD": {"GD25-2.2a"},
    "CN-JS-NJ": {"JS20-11"},
    "CN-JS-SZ": {"JS20-11"},
    "CN-HB": {"HB20-5.2"},
    "CN-HB-XN": {"HB20-5.2"},
}


def _everything():
    with scope.login_scope():
        places = {
            "platform_ids": tuple(Platform.objects.values_list("id", flat=True)),
            "region_ids": tuple(Region.objects.values_list("id", flat=True)),
        }
    roles = frozenset({Role.SYSTEM})
    return scope.opened(Actor(kind=None, platform_id=None, principal=SYSTEM, roles=roles, **places))


@pytest.mark.clause("GD25-2.2a", "JS20-11", "JS20-11A", "HB20-5.2", on="trade")
def test_each_hospital_traded_once_under_its_law(demo_database):
    with _everything():
        hospitals = [demo.name for place in PLACES for demo in place.demos if demo.key in place.hospitals]
        for hospital in Organisation.objects.select_related("region").filter(name__in=hospitals):
            line = OrderLine.objects.get(buyer=hospital)
            decision = Decision.objects.filter(subject_type="order_line", subject_id=line.id).first()
            cited = {reason["clause"] for reason in decision.reasons}
            assert decision.region_code == hospital.region.code
            assert cited >= LAW[hospital.region.code], (hospital.name, cited)
            assert Acceptance.objects.filter(buyer=hospital).count() == 1
            assert Payable.objects.get(buyer=hospital).due_on is not None, hospital.name
        assert len(hospitals) == 5
        laws = set(Decision.objects.values_list("region_code", flat=True))
    assert laws >= {"CN-GD-SZ", *LAW}


def test_the_login_page_lists_the_accounts_by_platform(demo_database):
    with override_settings(DEMO=True):
        page = Client().get("/login/").content.decode()
    for name in ("nj.buyer", "xn.approver", "gz.buyer", "jsbureau.chief", "buyer1"):
        assert f'data-demo-account="{name}"' in page
    assert page.index("buyer1") < page.index("gz.buyer")
    assert page.count("<summary") == 4
