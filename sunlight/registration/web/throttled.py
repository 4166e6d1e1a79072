"""How often one address may do a thing of a public page: a window of a minute, counted where the API counts its calls."""

from sunlight.api.limits import meter
from sunlight.journal.refusals import Conflict


def too_often(request, what: str, most: int) -> Conflict | None:
    """The refusal where the request's address has done `what` more than `most` times within a minute; None otherwise,
    and where Redis is away (what must not happen at all is bounded in the database)."""
    answer = meter.spend(f"public:{what}:{request.client.address}", 1)
    if answer is None or answer[0] <= most:
        return None
    return Conflict("too_often", f"操作过于频繁，请在 {answer[1]} 秒后重试。")
