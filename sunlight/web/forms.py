"""Reading the fields of a form that a page declares by hand."""

from datetime import date

from django.utils.translation import gettext

from sunlight.journal.refusals import Invalid


def typed_of(request, *names: str) -> dict[str, str]:
    """What was typed into these fields, to be shown again."""
    return {name: request.POST.get(name, "") for name in names}


def day_of(text: str) -> date | None:
    """A day as a form sends it, nothing where it is empty. Raises Invalid."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("day_malformed", gettext("日期格式不正确，请重新选择。"), field="valid_until") from None
