"""Reading what people type into the pages of the catalogue: text to values, wrong ones refused at their field."""

from datetime import date

from sunlight.journal.refusals import Invalid

PACK_LINES = range(1, 4)
TYPED = ("pricing_unit", "declared_price", "valid_from", "valid_until")


def typed_application(post) -> dict:
    """What was typed, to be shown again."""
    packs = [(post.get(f"pack_name_{n}", ""), post.get(f"pack_factor_{n}", "")) for n in PACK_LINES]
    return {name: post.get(name, "") for name in TYPED} | {"packs": packs, "codes": post.getlist("codes")}


def application_facts(typed: dict, certificate: str) -> dict:
    """The facts of `listing_draft`. Raises Invalid for a date or a factor that is none."""
    return {
        "codes": typed["codes"],
        "pricing_unit": typed["pricing_unit"],
        "declared_price": typed["declared_price"],
        "packs": [_pack(n, name, factor) for n, (name, factor) in enumerate(typed["packs"], 1) if name.strip() or factor.strip()],
        "certificate": {
            "number": certificate,
            "valid_from": _day(typed["valid_from"], "valid_from", "注册证生效日"),
            "valid_until": _day(typed["valid_until"], "valid_until", "注册证有效期至"),
        },
    }  # fmt: skip


def _day(text: str, field: str, label: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("bad_date", f"“{label}”不是日期，请按 2026-03-01 的格式填写。", field=field) from None


def _pack(number: int, name: str, factor: str) -> dict:
    plain = factor.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 9):
        raise Invalid("bad_pack", f"包装“{name.strip()}”的换算系数须为整数，例如 50。", field=f"pack_factor_{number}")
    return {"name": name, "factor": int(plain)}


def upload_of(request):
    """The file of a form, to be read as a stream. Raises Invalid where there is none."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("file_missing", "请先选择要上传的文件。", field="file")
    return file
