"""What people type into the pages of the catalogue, as the services take it."""

from sunlight.journal.refusals import Invalid

PACK_LINES = range(1, 4)
TYPED = (
    "pricing_unit",
    "declared_price",
    "valid_from",
    "valid_until",
    "conversion_unit",
    "conversion_factor",
    "variant",
    "price_reason",
)


def typed_application(post) -> dict:
    """What was typed, to be shown again."""
    packs = [(post.get(f"pack_name_{n}", ""), post.get(f"pack_factor_{n}", "")) for n in PACK_LINES]
    return {name: post.get(name, "") for name in TYPED} | {"packs": packs, "codes": post.getlist("codes")}


def application_facts(typed: dict, certificate: str) -> dict:
    """The facts of `listing_draft`, as typed."""
    return {
        "codes": typed["codes"],
        "pricing_unit": typed["pricing_unit"],
        "declared_price": typed["declared_price"],
        "packs": [
            {"name": name, "factor": factor} for name, factor in typed["packs"] if name.strip() or factor.strip()
        ],
        "conversion": {"unit": typed["conversion_unit"], "factor": typed["conversion_factor"]}
        if typed["conversion_unit"].strip() or typed["conversion_factor"].strip()
        else None,
        "variant": typed["variant"],
        "price_reason": typed["price_reason"],
        "certificate": {
            "number": certificate,
            "valid_from": typed["valid_from"],
            "valid_until": typed["valid_until"],
        },
    }


def upload_of(request):
    """The file of a form, to be read as a stream. Raises Invalid where there is none."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("file_missing", "请先选择要上传的文件。", field="file")
    return file
