"""Kinds of messages: each app says at start-up whom of an organisation its news concerns and where it leads.

ORDER_LATE = message_kind("order_overdue", "订单逾期未送达", Role.HOSPITAL_BUYER, …, url_name="procurement:order")
"""

from dataclasses import dataclass

from sunlight.scope.roles import Role


@dataclass(frozen=True)
class Kind:
    """What a message is about. `roles` of the addressed organisation get it; `url_name` is the page of its subject, which
    takes the subject's id unless `takes_id` is false; those addressed take note of it where `must_acknowledge`. A mail has
    the body too where `is_public`: nothing in it is anybody's secret."""

    key: str
    label: str
    roles: frozenset[Role]
    url_name: str = ""
    takes_id: bool = True
    must_acknowledge: bool = False
    is_public: bool = False


KINDS: dict[str, Kind] = {}


def message_kind(
    key: str,
    label: str,
    *roles: Role,
    url_name: str = "",
    takes_id: bool = True,
    must_acknowledge: bool = False,
    is_public: bool = False,
) -> Kind:
    """Register a kind of message. Raises ValueError for a key taken by another kind."""
    kind = Kind(key, label, frozenset(roles), url_name, takes_id, must_acknowledge, is_public)
    if KINDS.get(key, kind) != kind:
        raise ValueError(f"two kinds of message are called {key}")
    KINDS[key] = kind
    return kind


NOTICE = message_kind("notice", "平台通知", url_name="messages:message")
