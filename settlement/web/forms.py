"""What the pages read out of a form: ids and days as text, told apart from nonsense."""

from datetime import date

from sunlight.journal.refusals import Invalid


def ids_of(values) -> list[int]:
    """The whole numbers among typed ids, in order, each once; anything else names no row and is left out."""
    return list(dict.fromkeys(int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 19))


def id_of(value: str) -> int | None:
    found = ids_of([value])
    return found[0] if found else None


def day_typed(text: str, field: str) -> date:
    """A day as a date field sends it. Raises Invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("date_invalid", "请填写日期，如 2026-07-31。", field=field) from error
