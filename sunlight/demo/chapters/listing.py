"""Chapter 1: the national release is imported; makers list products and declare other provinces' prices."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.models import PriceGroup
from catalog.queries.listings import listings_visible_to
from catalog.queries.views import commitment_of
from catalog.services.drafting import listing_draft
from catalog.services.listings import listing_approve, listing_reject, listing_submit
from catalog.services.releases import national_release_import
from catalog.workflows import ListingState
from pricing.services.declarations import declaration_confirm, declaration_submit
from sunlight import scope
from sunlight.demo.files import national_release
from sunlight.demo.files.national_release import Product
from sunlight.demo.stage import Stage

SPECIFICATIONS = 2_000
LISTED_EACH = 10
PROVINCES = ("310000", "320000", "330000", "350000", "420000")
COMMITTED = True
# The place of a specification that the first applications leave out.
SISTER = 5
MAKERS = {name: number for number, name in enumerate(national_release.PRODUCERS, start=1)}
PACKS = {"片": ("盒", 50), "支": ("盒", 100), "根": ("盒", 10), "个": ("盒", 6)}


@dataclass
class Group:
    """A listed price group of the story with the product it came from."""

    product: Product
    price_group: PriceGroup
    maker: int
    listing_id: int
    # Whether prices of other provinces are declared, so that something compares with it.
    is_compared: bool = True


def play(stage: Stage) -> list[Group]:
    _import_release(stage)
    own = [p for p in national_release.products(SPECIFICATIONS) if p.producer in MAKERS]
    chosen = [p for number in MAKERS.values() for p in [x for x in own if MAKERS[x.producer] == number][:LISTED_EACH]]
    groups = [_list(stage, product) for product in chosen]
    stage.news_travels(stage.day(-57))
    for index, group in enumerate(groups):
        # Every tenth product has no price elsewhere yet: the operator reviews the price of its first deals (A24).
        group.is_compared = index % 10 != 9
        if group.is_compared:
            _declare(stage, group, index)
    _waiting_for_review(stage, own)
    stage.say(f"挂网 {len(groups)} 个计价组，省外价格已确认")
    return groups


def _import_release(stage: Stage) -> None:
    files = {
        "16、医保医用耗材代码_全量规格型号信息.xlsx": national_release.full_workbook(SPECIFICATIONS),
        "30、停用表.xlsx": national_release.disabled_workbook(SPECIFICATIONS),
        "31、转码表.xlsx": national_release.transcode_workbook(SPECIFICATIONS),
    }
    for name, content in files.items():
        run = stage.does("reviewer", national_release_import, on=stage.day(-59), name=name, content=content)
        stage.say(f"{name}：收下 {run.rows_taken} 行，未收 {run.rows_refused} 行")


def _draft(stage: Stage, product: Product, on):
    pack = PACKS.get(product.unit)
    # Retired codes stay in the catalogue but cannot be listed; the last of every tenth product is retired.
    codes = list(product.codes[:4])
    return stage.does(
        f"lister{MAKERS[product.producer]}",
        listing_draft,
        on=on,
        hour=9,
        codes=codes,
        pricing_unit=product.unit,
        declared_price=f"{product.price}",
        certificate={
            "number": product.certificate,
            "holder_name": product.producer,
            "product_name": product.name,
            "valid_from": stage.weeks_ago(150),
            "valid_until": stage.weeks_ago(-110),
        },
        packs=[{"name": pack[0], "factor": pack[1]}] if pack else [],
    )


def _submit(stage: Stage, listing, maker: int, on):
    with scope.opened(stage.cast[f"lister{maker}"]):
        sha256 = commitment_of(listing).sha256
    return stage.does(f"lister{maker}", listing_submit, on=on, hour=11, listing_id=listing.id, commitment_sha256=sha256)


def _list(stage: Stage, product: Product) -> Group:
    maker = MAKERS[product.producer]
    listing = _draft(stage, product, stage.day(-58))
    _submit(stage, listing, maker, stage.day(-58))
    listing = stage.does(
        "reviewer", listing_approve, on=stage.day(-57), listing_id=listing.id, note="资料齐全，编码在用"
    )
    return Group(product, listing.price_group, maker, listing.id)


def _declare(stage: Stage, group: Group, index: int) -> None:
    rows = [
        {
            "province": province,
            "price": f"{_elsewhere(group.product.price, index + step)}",
            "unit": group.product.unit,
            "valid_from": stage.weeks_ago(40).isoformat(),
            "platform_name": "省医药集中采购平台",
            "evidence": f"省平台挂网公示第 {2025000 + index * 10 + step} 号",
        }
        for step, province in enumerate(PROVINCES)
    ]
    declaration = stage.does(
        f"lister{group.maker}",
        declaration_submit,
        on=stage.day(-56),
        price_group_id=group.price_group.id,
        rows=rows,
        commits=COMMITTED,
    )
    stage.does(
        "confirmer", declaration_confirm, on=stage.day(-55), declaration_id=declaration.id, note="单位与包装可比"
    )


def _elsewhere(price: Decimal, turn: int) -> Decimal:
    """A price of another province: 2 to 10 % below the one listed here."""
    return (price * (98 - turn % 5 * 2) / 100).quantize(Decimal("0.0001"))


def _waiting_for_review(stage: Stage, own: list[Product]) -> None:
    """Applications as a reviewer finds them today: two to review, one sent back, one still a draft."""
    spare = [p for p in own if MAKERS[p.producer] == 1][LISTED_EACH : LISTED_EACH + 4]
    for product in spare[:3]:
        _submit(stage, _draft(stage, product, stage.day(-2)), 1, stage.day(-1))
    waiting = stage.sees(
        "lister1", lambda actor: listings_visible_to(actor).filter(state=ListingState.SUBMITTED).order_by("id")
    )
    stage.does(
        "reviewer",
        listing_reject,
        on=stage.day(-1),
        hour=16,
        listing_id=waiting[0].id,
        note="注册证扫描件缺变更页，请补充后重新提交",
    )
    _draft(stage, spare[3], stage.day(-1))
    _dearer_sister(stage, next(p for p in own if MAKERS[p.producer] == 1 and len(p.codes) > SISTER))


def _dearer_sister(stage: Stage, product: Product) -> None:
    """A further specification of a listed product at a higher price: with a reason, and endorsed by a first reviewer."""
    on = stage.day(-1)
    draft = stage.does(
        "lister1",
        listing_draft,
        on=on,
        hour=13,
        codes=[product.codes[SISTER]],
        pricing_unit=product.unit,
        declared_price=f"{(product.price * Decimal('1.2')).quantize(Decimal('0.0001'))}",
        certificate={"number": product.certificate},
        variant="加大号",
        price_reason="规格加大一倍，耗料与灭菌成本增加",
    )
    _submit(stage, draft, 1, on)
    stage.does("reviewer", listing_approve, on=on, hour=17, listing_id=draft.id, note="理由可信，请复审")
