"""People read what happened in words, wherever an event's name is shown."""

import pytest
from django.utils import translation

from sunlight.web.templatetags.sunlight import event_label

# Names that were shown raw: the trace of an order, the dead letters, an account's history.
ONCE_RAW = (
    "order_closed",
    "order_distributor_changed",
    "delivery_cancelled",
    "authorisation_made",
    "authorisation_revoked",
    "deal_fact_recorded",
    "deal_fact_netted",
    "deal_fact_excluded",
    "declaration_rejected",
    "delivery_point_added",
    "listed_price_opened",
    "member_added",
    "member_disabled",
    "webhook_registered",
    "webhook_tested",
    "oauth_client_created",
    "password_changed",
    "payments_found_overdue",
    "codes_changed",
    "delivery_retried",
)


@pytest.mark.parametrize("name", ONCE_RAW)
def test_an_event_is_shown_in_words(name):
    assert event_label(name) != name
    with translation.override("en"):
        assert event_label(name) not in (name, "")
        assert event_label(name).isascii()


def test_an_event_of_a_later_release_keeps_its_name():
    assert event_label("something_later") == "something_later"
