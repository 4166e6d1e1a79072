"""Fields of a form that a page declares by hand. What was typed is passed on as it is: services read it."""

from collections.abc import Iterable

from sunlight.kernel.reading import whole_or


def typed_of(request, *names: str) -> dict[str, str]:
    """What was typed into these fields, to be shown again."""
    return {name: request.POST.get(name, "") for name in names}


def row_ids(ticked: Iterable[str]) -> list[int]:
    """The rows that ticked boxes name, in order, each once, for showing what was ticked; nonsense names no row."""
    return list(dict.fromkeys(found for each in ticked if (found := whole_or(each, 0))))
