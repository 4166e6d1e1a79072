import copy

import pytest

from catalog.queries.views import commitment_of
from catalog.services import drafting, listings
from catalog.services.releases import national_release_import
from sunlight import scope
from sunlight.demo.files import national_release as sample
from sunlight.scope import Role

OWN, FOREIGN = "测试医疗器械有限公司", "样例生物科技有限公司"


class Catalogue:
    """Two makers' products in the catalogue; `draft`, `submitted`, `listed` walk a listing of the first's."""

    def __init__(self, world):
        self.world = world
        choice = {"producers": (OWN, FOREIGN)}
        # The first maker's: a stent (category 02), another of it, gauze (category 14).
        self.own, self.foreign, self.own_other, *_, self.own_gauze, _ = sample.products(96, **choice)
        with scope.opened(world.system):
            content = sample.full_csv(96, planted=False, **choice)
            national_release_import(actor=world.system, at=scope.now(), name="x.csv", content=content)
        self.lister = world.actor("maker", Role.SUPPLIER_LISTER)
        self.reviewer = world.actor("operator", Role.OPERATOR_REVIEWER)

    def facts(self, **changes) -> dict:
        return {
            "codes": list(self.own.codes[:3]),
            "pricing_unit": self.own.unit,
            "declared_price": "798.00",
            "packs": [{"name": "盒", "factor": 5}],
            "certificate": {"number": self.own.certificate, "valid_from": None, "valid_until": None},
        } | changes

    def call(self, service, actor, at=None, **facts):
        with scope.opened(actor):
            return service(actor=actor, at=at or scope.now(), **facts)

    def draft(self, at=None, actor=None, **changes):
        return self.call(drafting.listing_draft, actor or self.lister, at, **self.facts(**changes))

    def submit(self, listing, at=None):
        with scope.opened(self.lister):
            signed = commitment_of(listing).sha256
        return self.call(listings.listing_submit, self.lister, at, listing_id=listing.id, commitment_sha256=signed)

    def listed(self, at=None, **changes):
        made = self.submit(self.draft(at, **changes), at)
        return self.call(listings.listing_approve, self.reviewer, at, listing_id=made.id)


@pytest.fixture(scope="module")
def made_catalogue(shared_rows):
    with shared_rows() as world:
        return Catalogue(world)


@pytest.fixture
def catalogue(made_catalogue, db):
    return copy.deepcopy(made_catalogue)
