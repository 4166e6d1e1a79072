"""Who reads what: every face of a noun asks the noun's `Readers`, which `<app>/readers.py` declares. A matrix of all nouns,
all their pages, endpoints, sheets, menu entries and figures, and all roles."""

from collections import defaultdict
from dataclasses import replace

import pytest
from django.apps import apps

from sunlight.journal.declared import SUBJECTS
from sunlight.journal.refusals import Forbidden
from sunlight.kernel import modules
from sunlight.scope import Role, readers
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.readers import EVERY_ROLE, READERS, Readers
from sunlight.web import figures, navigation
from sunlight.web.lists.declare import tables
from sunlight.web.lists.taking import asking_of
from tests.security.faces import Face, faces
from tests.security.routes import PEOPLE, routes

# Traced subjects that have no page of their own: they are shown with something else, or nowhere.
WITHOUT_READERS = {"deal_fact", "order_line", "organisation"}


# The authority that sees everything its roles do.
LEADING = {"authority": "insurance", "region_code": "CN-GD-SZ"}


def declared() -> dict[str, list[Readers]]:
    """App → what its `readers` module declares."""
    found = defaultdict(list)
    for module in modules.load([config.name for config in apps.get_app_configs()], "readers"):
        app = module.__name__.removesuffix(".readers").removeprefix("sunlight.")
        found[app] += [value for value in vars(module).values() if isinstance(value, Readers)]
    return found


def noun_of(face: Face, known: dict[str, list[Readers]]) -> Readers | None:
    """Whose readers a face must have."""
    named = [each for group in known.values() for each in group if face.name in each.faces]
    return next(iter(named or [each for each in known.get(face.app, ()) if face.tail in each.faces]), None)


def faults_of(found: list[Face], known: dict[str, list[Readers]]) -> list[str]:
    faults = []
    for face in found:
        noun = noun_of(face, known)
        if noun is not None and not face.is_public:
            faults += [
                f"{face.name}: {role} {'may' if role in face.roles else 'may not'}, {noun.noun} says otherwise"
                for role in sorted(PEOPLE)
                if (role in face.roles) != (role in noun)
            ]
        # A desk of one role and a form say whose duty they are.
        elif noun is None and len(face.roles) > 1 and face.roles != EVERY_ROLE and not face.is_form:
            faults.append(f"{face.name}: several roles read it, but it is of no noun that a `readers` module declares")
    return faults


def test_every_face_asks_the_readers_of_its_noun():
    found, known = list(faces()), declared()
    assert faults_of(found, known) == []
    assert {each.noun for group in known.values() for each in group} == READERS.keys()
    shown = {name for name, noun in READERS.items() if not noun.within}
    assert {noun.within for noun in READERS.values()} - {""} <= READERS.keys()
    unseen = shown - {noun.noun for face in found if (noun := noun_of(face, known))}
    assert unseen == set()
    assert len(READERS) >= 40


@pytest.mark.parametrize("change", [{Role.OPERATOR_REVIEWER}, {Role.HOSPITAL_BUYER}])
def test_a_face_with_readers_of_its_own_is_seen(change):
    known = declared()
    offers = next(face for face in faces() if face.name == "api-offers")
    assert faults_of([replace(offers, roles=offers.roles ^ change)], known)
    assert faults_of([replace(offers, name="api-planted")], known)
    assert faults_of([offers], known) == []


def test_the_menu_offers_a_page_to_all_its_readers_and_to_nobody_else():
    pages = {face.name: face.roles for face in faces()}
    offered = defaultdict(set)
    for item in navigation._items:
        assert offered[item.url_name].isdisjoint(item.roles), f"{item.url_name} is offered twice to somebody"
        offered[item.url_name] |= item.roles
    assert len(offered) >= 35
    assert {name: sorted(roles ^ pages[name]) for name, roles in offered.items() if roles != pages[name]} == {}


def test_a_figure_is_shown_to_readers_of_its_list_only():
    pages = {face.name: face.roles for face in faces()}
    assert len(figures._declared) >= 25
    for figure in figures._declared:
        assert figure.roles <= pages[tables()[figure.table].url_name], figure.table


def test_a_sheet_in_the_background_is_for_readers_of_its_list_only():
    known, addresses = declared(), {route.name: route.path for route in routes()}
    pages = {face.name: noun for face in faces() if (noun := noun_of(face, known))}
    exported = [table for table in tables().values() if table.rows is not None and table.url_name in pages]
    assert len(exported) >= 15
    for table in exported:
        key, address, noun, may = table.key, addresses[table.url_name], pages[table.url_name], set()
        for role in PEOPLE:
            try:
                asking_of(replace(ANONYMOUS, kind=role.kind, roles=frozenset({role}), **LEADING), key, address)
                may.add(role)
            except Forbidden:
                pass
        assert may == noun, key


def test_a_traced_subject_has_readers():
    traced = {name for name, each in SUBJECTS.items() if each.has_trace}
    assert traced - READERS.keys() == WITHOUT_READERS


def test_a_noun_is_declared_once_and_read_by_somebody():
    with pytest.raises(ValueError, match="offer is declared twice"):
        Readers("offer", readers.WATCHING)
    with pytest.raises(ValueError, match="nobody may read it"):
        Readers("planted")
    assert "planted" not in READERS
