"""What the public reads of a listing that is published for objection."""

from datetime import datetime

from catalog.models import Listing
from catalog.queries.listings import listed_specifications
from sunlight.publicity.models import Publication
from sunlight.publicity.services import publicity_open
from sunlight.scope import Actor

TITLES = {"listing": "挂网公示", "listed_price": "挂网价格公示"}


def listing_publication_open(listing: Listing, kind: str, *, actor: Actor, at: datetime) -> Publication:
    """Publish a listing's product, maker, certificate and price; `kind` is listing or listed_price."""
    group = listing.price_group
    return publicity_open(
        actor=actor,
        at=at,
        kind=kind,
        subject=("listing", listing.id),
        party=listing.manufacturer_id,
        title=f"{TITLES[kind]}：{group.name}",
        body="对产品资质、价格的真实性，或在其他地区有更低挂网价的，可在公示期内提出异议并提供证明。",
        facts=[
            ("产品", group.name),
            ("生产企业", listing.manufacturer.name),
            ("注册备案号", group.certificate.number),
            ("计价单位", group.pricing_unit),
            ("申报挂网价（元）", f"{listing.declared_price:.4f}"),
            ("医保代码", "、".join(spec.code for spec in listed_specifications(listing.id)[:20])),
            ("挂网编号", listing.number),
        ],
    )
