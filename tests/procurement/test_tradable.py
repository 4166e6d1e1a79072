"""What may be traded today: every face asks one query, so none offers what another refuses."""

from datetime import timedelta

import pytest

from catalog.models import Certificate, ListedSpecification, Listing, NationalCode, PlatformListing
from catalog.workflows import ListingState
from procurement.bargaining.queries import sheets as sheet_queries
from procurement.bargaining.services import offers as bargaining
from procurement.bargaining.services import sheets
from procurement.bargaining.services.sheet_verdicts import sheet_lines
from procurement.bargaining.services.sheets import Change
from procurement.contracts.models import SupplyContract
from procurement.ordering.services.placing import BasketFacts, order_place
from sunlight import scope
from sunlight.journal.refusals import Refused
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import Region
from tests.api_client import ApiClient, logged_in
from tests.factories import orders
from tests.procurement.bargaining import accept, act, make

API = "/api/v1"


def text(response) -> str:
    return response.content.decode()


class Faces:
    """One product with an agreed price, at every place where a hospital or its systems meet it."""

    def __init__(self, world, at, agreed):
        self.world, self.at, self.agreed = world, at, agreed
        self.group, self.listing = agreed.price_group_id, agreed.listing_id
        with scope.opened(world.system):
            self.code = orders.codes(agreed)[0]
        self.buyer = world.actor("hospital", Role.HOSPITAL_BUYER)
        self.browser = logged_in(self.buyer)
        self.machine = ApiClient(world, "hospital", Role.HOSPITAL_BUYER, person=True)
        self.point = orders.point(world).id
        self.sheet = act(self.buyer, sheets.sheet_open, at, name="表")
        cells = {"quantity": "100", "price": "80"}
        act(
            self.buyer,
            sheets.sheet_row_write,
            at,
            sheet_id=self.sheet.id,
            position=1,
            change=Change(cells, 0, self.group),
        )

    def get(self, path, **asked) -> str:
        return text(self.browser.get(path, asked))

    def shown(self) -> dict[str, bool]:
        """Face → whether the product may be traded there."""
        code, group = self.code, self.group
        body = {"lines": [{"code": code, "quantity": "100"}], "delivery_point": self.point}
        return {
            "search": f"/products/{group}/" in self.get("/products/"),
            "search by code": f"/products/{group}/" in self.get("/products/", q=code),
            "product page": self.browser.get(f"/products/{group}/").status_code == 200,
            "comparison": f"/products/{group}/" in self.get("/products/compare/", id=[group]),
            "order page": code in self.get("/orders/new/find/"),
            "order row": "盒" in self.get("/orders/new/row/", code=code),
            "order preview": self.preview() == "",
            "sheet": self.line().listing is not None,
            "API search": group in [row["id"] for row in self.machine.get(f"{API}/products/")[1]["results"]],
            "API product": self.machine.get(f"{API}/products/{group}/")[0] == 200,
            "API order": self.machine.post(f"{API}/orders/", body)[0] == 201,
        }

    def line(self):
        with scope.opened(self.buyer):
            sheet = sheet_queries.access_sheet(self.buyer, self.sheet.id)
            return sheet_lines(actor=self.buyer, at=self.at, sheet=sheet)[0]

    def preview(self) -> str:
        """Why the order page's preview refuses; "" where it does not."""
        row = {"code": self.code, "agreement": "", "quantity": "100", "plan_line": ""}
        page = text(self.browser.post("/orders/new/preview/", row))
        return "" if "测试医疗器械有限公司" in page else page

    def refusals(self) -> dict[str, tuple[str, list[str]]]:
        """Face → sentence and clauses of its refusal."""
        with pytest.raises(Refused) as offered:
            make(self.world, self.agreed, "80", self.at)
        body = {"lines": [{"code": self.code, "quantity": "100"}], "delivery_point": self.point}
        order = self.machine.post(f"{API}/orders/", body)[1]
        offer = self.machine.post(f"{API}/offers/", {"price_group": self.group, "price": "80", "quantity": "1"})[1]
        trial = self.machine.post(f"{API}/products/{self.group}/trial/", {"price": "80"})[1]
        remark = next(each for each in self.line().remarks if each.column == "product")
        return {
            "offer": (offered.value.message, offered.value.clauses),
            "order": self._placed(body["lines"][0]),
            "sheet": (remark.text, [remark.clause]),
            "API offer": (offer["detail"], _clauses(offer)),
            "API trial": (trial["detail"], _clauses(trial)),
            "API order": (order["errors"][0]["message"], _clauses(order)),
        }

    def _placed(self, line) -> tuple[str, list[str]]:
        with pytest.raises(Refused) as refused:
            act(self.buyer, order_place, self.at, facts=BasketFacts([line], self.point))
        return refused.value.items[0]["message"], refused.value.clauses


def _clauses(answer: dict) -> list[str]:
    return [reason["clause"] for reason in answer["reasons"] if reason["effect"] == "refuse"]


@pytest.fixture
def faces(world, at, agreed):
    return Faces(world, at, agreed)


def _certificate(faces, **dates):
    Certificate.objects.filter(id=faces.agreed.price_group.certificate_id).update(**dates)


def _opened(faces, **dates):
    PlatformListing.objects.filter(listing_id=faces.listing).update(**dates)


def _listing(faces, **more):
    Listing.objects.filter(id=faces.listing).update(**more)


def _retire(faces):
    NationalCode.objects.filter(code=faces.code).update(is_retired=True)


DAY = timedelta(days=1)
# What stands in the way → how it comes about today, and the last or first day on which it does not yet.
OBSTACLES = {
    "certificate expired": (lambda f, on: _certificate(f, valid_until=on - DAY), "到期", "SZ20-3.2"),
    "certificate not begun": (lambda f, on: _certificate(f, valid_from=on + DAY), "起才有效", "SZ20-3.2"),
    "listing suspended": (lambda f, on: _listing(f, state=ListingState.SUSPENDED), "暂停", "GD25-2.2a"),
    "listing delisted": (lambda f, on: _listing(f, state=ListingState.DELISTED), "撤网", "GD25-2.2a"),
    # Since 2025-12-01 the province's listing alone holds.
    "listed by the city alone": (
        lambda f, on: _listing(f, region=Region.objects.get(code="CN-GD-SZ")),
        "只在深圳",
        "GD25-2.2a",
    ),
    "listed from tomorrow": (lambda f, on: _listing(f, listed_on=on + DAY), "起挂网", "GD25-2.2a"),
    "closed on the platform": (lambda f, on: _opened(f, closed_on=on), "未在本平台开通", "GD25-2.2a"),
    "opened tomorrow": (lambda f, on: _opened(f, opened_on=on + DAY), "未在本平台开通", "GD25-2.2a"),
}
STILL = {
    "certificate's last day": lambda f, on: _certificate(f, valid_until=on),
    "certificate's first day": lambda f, on: _certificate(f, valid_from=on),
    "certificate without end": lambda f, on: _certificate(f, valid_until=None),
    "listed today": lambda f, on: _listing(f, listed_on=on),
    "closed tomorrow": lambda f, on: _opened(f, closed_on=on + DAY),
    "opened today": lambda f, on: _opened(f, opened_on=on),
}


@pytest.mark.clause("SZ24-3.1a", "SZ24-3.2b", "GD25-2.2b", on="rule")
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_no_face_offers_what_may_not_be_traded_today_and_all_say_why_alike(world, at, faces, obstacle):
    change, word, clause = OBSTACLES[obstacle]
    with scope.opened(world.system):
        change(faces, business_date(at))
    assert {face: shown for face, shown in faces.shown().items() if shown} == {}
    said = faces.refusals()
    sentence, clauses = said["offer"]
    assert word in sentence and clauses == [clause]
    assert said == dict.fromkeys(said, (sentence, clauses))
    assert sentence in faces.preview()
    assert sentence in faces.get("/orders/new/row/", code=faces.code)


@pytest.mark.clause("SZ24-3.2b", "GD25-2.2b", on="rule")
@pytest.mark.parametrize("change", STILL)
def test_every_face_offers_it_on_the_last_and_first_day(world, at, faces, change):
    with scope.opened(world.system):
        STILL[change](faces, business_date(at))
    assert {face: shown for face, shown in faces.shown().items() if not shown} == {}


@pytest.mark.clause("SZ24-3.1a", on="rule")
def test_a_retired_code_is_offered_nowhere(world, at, faces):
    with scope.opened(world.system):
        _retire(faces)
    assert {face: shown for face, shown in faces.shown().items() if shown} == {}
    said = faces.refusals()
    assert "全部规格编码已停用" in said["offer"][0]
    assert said["offer"] == said["API offer"] == said["API trial"]
    assert said["sheet"][0] == said["offer"][0]
    # The order names the code and what replaces it, by the same clauses.
    assert "已停用" in said["order"][0] and said["order"] == said["API order"]
    assert {clause for _, clauses in said.values() for clause in clauses} == {"SZ20-5.1.1", "SZ24-3.1a"}


@pytest.mark.clause("SZ24-3.1a", on="rule")
def test_a_retired_code_beside_one_in_force_is_not_shown(world, at, faces):
    with scope.opened(world.system):
        other = NationalCode.objects.get(code=faces.code)
        other.pk, other.code = None, f"{faces.code[:-1]}{(int(faces.code[-1]) + 1) % 10}"
        other.save(force_insert=True)
        ListedSpecification.objects.create(listing_id=faces.listing, national_code=other)
        _retire(faces)
    page = faces.get(f"/products/{faces.group}/")
    assert other.code in page and faces.code not in page
    assert faces.machine.get(f"{API}/products/{faces.group}/")[1]["codes"] == [other.code]
    page = faces.get("/orders/new/find/")
    assert other.code in page and faces.code not in page
    assert f"/products/{faces.group}/" not in faces.get("/products/", q=faces.code)


@pytest.mark.clause("SZ20-6.2b", on="rule")
@pytest.mark.parametrize("days", [{"valid_from": 1}, {"valid_to": -1}, {"valid_from": 0}, {"valid_to": 0}])
def test_the_order_page_offers_what_a_contract_in_force_holds(world, at, faces, days):
    ((name, distance),) = days.items()
    with scope.opened(world.system):
        wide = {"valid_from": business_date(at) - 9 * DAY, "valid_to": business_date(at) + 9 * DAY}
        wide[name] = business_date(at) + distance * DAY
        SupplyContract.objects.filter(id=faces.agreed.contract_id).update(**wide)
    shown = faces.shown()
    told = {face: shown[face] for face in ("order page", "order row", "order preview", "API order")}
    assert told == dict.fromkeys(told, distance == 0)


@pytest.mark.clause("SZ24-3.2b", on="rule")
def test_an_offer_is_not_accepted_once_the_certificate_has_expired(world, at, product):
    made = make(world, product, "80", at)
    with scope.opened(world.system):
        Certificate.objects.filter(id=product.price_group.certificate_id).update(valid_from=business_date(at) + DAY)
    with pytest.raises(Refused) as refused:
        accept(world, [made], at)
    assert refused.value.code == "not_tradable"


def test_a_product_that_was_never_listed_is_not_there(world, at, faces):
    with scope.opened(faces.buyer), pytest.raises(Refused) as refused:
        bargaining.offer_make(actor=faces.buyer, at=at, price_group_id=10**9, price="1", quantity="1")
    assert refused.value.kind == "not_there"
