"""A page and the endpoint of the same noun are read by the same roles. Asks the URLconf alone, so that it would see two
lists of readers wherever they are kept."""

from sunlight.scope import Role
from tests.security.faces import Face, by_noun


def disagreements(found: dict[tuple[str, str], list[Face]]) -> list[str]:
    """Where page and endpoint of one noun differ, role by role."""
    faults = []
    for shown in found.values():
        endpoints = [face for face in shown if face.is_api]
        # What the public opens is a form of its own: to apply, to object.
        pages = [face for face in shown if not face.is_api and not face.is_public]
        for page in pages:
            for endpoint in endpoints:
                for role in sorted(page.roles ^ endpoint.roles):
                    where = page.name if role in page.roles else endpoint.name
                    faults.append(f"{page.name}, {endpoint.name}: {role} reads only {where}")
    return faults


def test_page_and_endpoint_of_a_noun_have_the_same_readers():
    found = by_noun()
    both = {noun for noun, shown in found.items() if {face.is_api for face in shown} == {False, True}}
    assert {("procurement", "offers"), ("procurement", "offer"), ("settlement", "invoices")} <= both
    assert len(both) >= 18
    assert disagreements(found) == []


def test_a_difference_is_seen():
    page = Face("procurement:offers", "procurement", False, False, frozenset({Role.HOSPITAL_BUYER}))
    endpoint = Face("api-offers", "procurement", True, False, page.roles | {Role.OPERATOR_REVIEWER})
    assert page.tail == endpoint.tail == "offers"
    assert disagreements({("procurement", "offers"): [page, endpoint]}) == [
        "procurement:offers, api-offers: OPERATOR_REVIEWER reads only api-offers"
    ]
