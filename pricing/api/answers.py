"""Prices as the API answers them: numbers as text, days as YYYY-MM-DD."""

from collections.abc import Iterable
from decimal import Decimal

from pricing.rules.provinces import PROVINCES
from sunlight.kernel.money import price_text

_TEXT = {"type": "string"}
_PRICE = {"type": "string", "example": "100.0000"}
_PRICE_OR_NULL = _PRICE | {"nullable": True}
_DAY = {"type": "string", "format": "date"}


def _object(**properties) -> dict:
    return {"type": "object", "properties": properties}


_BASES = {"type": "array", "items": _object(clause=_TEXT, status=_TEXT, text=_TEXT)}
DECLARATION = _object(
    id={"type": "integer"},
    number=_TEXT,
    price_group={"type": "integer"},
    product=_TEXT,
    manufacturer=_TEXT,
    state=_TEXT,
    submitted_at={"type": "string", "format": "date-time"},
    decided_at={"type": "string", "format": "date-time", "nullable": True},
    decision_note=_TEXT,
    commitment=_object(version=_TEXT, sha256=_TEXT),
    provinces={"type": "integer"},
    version={"type": "integer"},
    prices={
        "type": "array",
        "items": _object(
            province=_TEXT,
            name=_TEXT,
            platform_name=_TEXT,
            stated_price=_PRICE,
            stated_unit=_TEXT,
            factor={"type": "integer"},
            price=_PRICE,
            valid_from=_DAY,
            valid_to=_DAY | {"nullable": True},
            evidence=_TEXT,
        ),
    },
)
LISTED = _object(price=_PRICE, region=_TEXT, valid_from=_DAY, valid_to=_DAY | {"nullable": True}, basis=_BASES) | {
    "nullable": True
}
_REFERENCE = _object(price=_PRICE, number=_TEXT, valid_from=_DAY, catalogue=_TEXT) | {"nullable": True}
ALERT = _object(
    line=_PRICE_OR_NULL,
    source=_TEXT,
    provinces_lowest=_PRICE_OR_NULL,
    city_highest=_PRICE_OR_NULL,
    explanation=_TEXT,
    basis=_BASES,
)
INFORMATION = _object(
    price_group={"type": "integer"},
    region=_TEXT,
    on=_DAY,
    figures_region=_TEXT | {"nullable": True},
    business_day=_DAY | {"nullable": True},
    known_until={"type": "string", "format": "date-time", "nullable": True},
    reference_price=_REFERENCE,
    listed_price=LISTED,
    alert_line=ALERT,
    statistics={"type": "object"},
    segments={"type": "object"},
    position={"type": "object", "nullable": True},
)
GROUP_PRICES = _object(
    price_group={"type": "integer"},
    region=_TEXT,
    on=_DAY,
    listed_price=LISTED,
    alert_line=ALERT,
    province_prices={
        "type": "array",
        "items": _object(province=_TEXT, name=_TEXT, price=_PRICE, valid_from=_DAY, valid_to=_DAY | {"nullable": True}),
    },
)
IMPORT_RUN = _object(
    id={"type": "integer"},
    file=_TEXT,
    state=_TEXT,
    rows_total={"type": "integer"},
    rows_taken={"type": "integer"},
    rows_unchanged={"type": "integer"},
    rows_refused={"type": "integer"},
    refused={
        "type": "array",
        "items": _object(row={"type": "integer"}, column=_TEXT, code=_TEXT, message=_TEXT, clause=_TEXT),
    },
)


def _money(value: Decimal | None) -> str | None:
    return None if value is None else price_text(value)


def _bases(bases) -> list[dict]:
    return [{"clause": b.clause, "status": "draft" if b.is_draft else "in_force", "text": b.text} for b in bases]


def declaration_answer(row, prices: Iterable | None = None) -> dict:
    """A declaration; with its provinces' prices where given."""
    answer = {
        "id": row.id,
        "number": row.number,
        "price_group": row.price_group_id,
        "product": row.price_group.name,
        "manufacturer": row.manufacturer.name,
        "state": row.state,
        "submitted_at": row.submitted_at,
        "decided_at": row.decided_at,
        "decision_note": row.decision_note,
        "commitment": {"version": row.commitment_version, "sha256": row.commitment_sha256},
        "provinces": row.provinces or 0,
        "version": row.version,
    }
    if prices is not None:
        answer["prices"] = [
            {
                "province": price.province,
                "name": PROVINCES[price.province],
                "platform_name": price.platform_name,
                "stated_price": price_text(price.stated_price),
                "stated_unit": price.stated_unit,
                "factor": price.factor,
                "price": price_text(price.price),
                "valid_from": price.valid_from,
                "valid_to": price.valid_to,
                "evidence": price.evidence,
            }
            for price in prices
        ]
    return answer


def _listed(view) -> dict | None:
    if view.listed is None:
        return None
    return {
        "price": price_text(view.listed.price),
        "region": view.listed.region.code,
        "valid_from": view.listed.valid_from,
        "valid_to": view.listed.valid_to,
        "basis": _bases(view.listed_bases),
    }


def _reference(view) -> dict | None:
    if view.reference is None:
        return None
    return {
        "price": price_text(view.reference.price),
        "number": view.reference.number,
        "valid_from": view.reference.valid_from,
        "catalogue": view.catalogue,
    }


def _alert(view) -> dict:
    alert = view.alert
    return {
        "line": _money(alert.line),
        "source": alert.source,
        "provinces_lowest": _money(alert.provinces_lowest),
        "city_highest": _money(alert.city_highest),
        "explanation": alert.explanation,
        "basis": _bases(alert.bases),
    }


def information_answer(view) -> dict:
    """A PriceView: alert line, statistics by level, segments, and where the asked price stands."""
    position = view.position
    return {
        "price_group": view.price_group_id,
        "region": view.region,
        "on": view.on,
        "business_day": view.business_day,
        "known_until": view.known_until,
        "figures_region": view.information.region.code if view.information else None,
        "reference_price": _reference(view),
        "listed_price": _listed(view),
        "alert_line": _alert(view),
        "statistics": {
            "levels": {
                f.level: {
                    "count": f.count,
                    "lowest": price_text(f.lowest),
                    "highest": price_text(f.highest),
                    "weighted_average": price_text(f.weighted_average),
                    "median": price_text(f.median),
                }
                for f in view.levels
            },
            "basis": _bases(view.levels_bases),
        },
        "segments": {
            "segments": [
                {"segment": s.number, "colour": s.colour, "above": price_text(s.low), "up_to": price_text(s.high)}
                for s in view.segments
            ],
            "basis": _bases(view.segments_bases),
        },
        "position": position
        and {
            "price": price_text(position.price),
            "segment": position.segment,
            "colour": position.colour or None,
            "word": position.word,
            "above_top": position.above_top,
            "above_alert_line": position.above_alert_line,
            "above_listed_price": position.above_listed,
        },
    }


def group_prices_answer(view, province_prices: Iterable) -> dict:
    """What everybody who deals with a product may read: listed price, alert line, other provinces' confirmed prices."""
    return {
        "price_group": view.price_group_id,
        "region": view.region,
        "on": view.on,
        "listed_price": _listed(view),
        "alert_line": _alert(view),
        "province_prices": [
            {
                "province": price.province,
                "name": PROVINCES[price.province],
                "price": price_text(price.price),
                "valid_from": price.valid_from,
                "valid_to": price.valid_to,
            }
            for price in province_prices
        ],
    }


def import_answer(run, refused: Iterable) -> dict:
    """An import run with its refused rows."""
    return {
        "id": run.id,
        "file": run.file.name,
        "state": run.state,
        "rows_total": run.rows_total,
        "rows_taken": run.rows_taken,
        "rows_unchanged": run.rows_unchanged,
        "rows_refused": run.rows_refused,
        "refused": [
            {
                "row": row.row_number,
                "column": row.column,
                "code": row.code,
                "message": row.message,
                "clause": row.clause,
                "cells": row.cells,
            }
            for row in refused
        ],
    }
