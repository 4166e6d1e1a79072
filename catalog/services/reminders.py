"""Registration certificates that are about to expire or have expired are recorded once for each last day."""

from collections import defaultdict
from datetime import datetime, timedelta

from catalog.events import CERTIFICATE, CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRING
from catalog.models import Certificate, Listing
from catalog.workflows import ListingState
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.models import Event
from sunlight.journal.services import record_all, service
from sunlight.scope import Actor
from sunlight.scope.clock import business_date


@service
def certificates_remind(*, actor: Actor, at: datetime) -> int:
    """Record `certificate_expiring` for certificates of products listed on the platform that end within the days of warning (A99), and
    `certificate_expired` for those that have ended, once for each last day; by the system. Returns the number recorded."""
    # Two that run at once would both find nothing recorded: the second waits and sees.
    scope.alone("catalog.certificates_remind", actor.platform_id)
    today = business_date(at)
    warning = timedelta(days=scope.law(actor, today).at("certificate.warning_days").value)
    listed = Listing.objects.filter(
        platform_id=actor.platform_id,
        state__in=[ListingState.LISTED, ListingState.SUSPENDED],
        price_group__certificate__valid_until__lte=today + warning,
    ).values_list("price_group__certificate_id", "manufacturer_id")
    makers: dict[int, set[int]] = defaultdict(set)
    for certificate_id, maker_id in listed:
        makers[certificate_id].add(maker_id)
    already_recorded = set(
        Event.objects.filter(
            subject_type=CERTIFICATE.name,
            subject_id__in=list(makers),
            name__in=[CERTIFICATE_EXPIRING.name, CERTIFICATE_EXPIRED.name],
            platform_id=actor.platform_id,
        ).values_list("name", "subject_id", "payload__valid_until")
    )
    found: dict[EventType, list[dict]] = defaultdict(list)
    for row in Certificate.objects.filter(id__in=list(makers)).order_by("id"):
        event = CERTIFICATE_EXPIRED if row.valid_until < today else CERTIFICATE_EXPIRING
        if (event.name, row.id, row.valid_until.isoformat()) not in already_recorded:
            payload = {"number": row.number, "valid_until": row.valid_until, "manufacturers": sorted(makers[row.id])}
            found[event].append({"subject": row.id, "parties": makers[row.id], "payload": payload})
    for event, happened in found.items():
        record_all(event, happened, actor=actor, at=at)
    return sum(len(happened) for happened in found.values())
