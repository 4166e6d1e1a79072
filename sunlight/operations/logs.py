"""Log lines for people (`SUNLIGHT_LOG=text`) and for machines (`json`): one object a line. No bodies, no query strings,
no headers, so no secret that somebody sent."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("sunlight_request_id", default="")
access = logging.getLogger("sunlight.request")

# What `access` lines contain besides the message.
FIELDS = ("platform", "organisation", "principal", "method", "route", "status", "duration_ms")


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get() or None,
        }
        line.update({field: getattr(record, field) for field in FIELDS if hasattr(record, field)})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=False)


class TextLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        known = [f"{field}={getattr(record, field)}" for field in FIELDS[:3] if getattr(record, field, None)]
        return " ".join([text, *known, *([f"request={request_id.get()}"] if request_id.get() else [])])


def _text(principal) -> str | None:
    return None if principal is None else str(principal)


def answered(*, actor, method: str, route: str, status: int, seconds: float) -> None:
    """One line for an answered request: which platform, organisation (id) and principal, route, status, time."""
    level = logging.WARNING if status >= 500 else logging.INFO
    milliseconds = round(seconds * 1000, 1)
    access.log(
        level,
        "%s %s %s %s ms",
        method,
        route,
        status,
        milliseconds,
        extra={
            "platform": getattr(actor, "platform_code", "") or None,
            "organisation": getattr(actor, "organisation_id", None),
            "principal": _text(getattr(actor, "principal", None)),
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": milliseconds,
        },
    )
