"""Who may not see a page does not see it elsewhere: roles within an organisation, authorities and machines, on every page
and endpoint, on the trace, the sheet and the files of the same noun. The suite asks a part, `make walls` all."""

import pytest
from django.test import Client as Browser

from sunlight import scope
from sunlight.api.permissions import ANYBODY
from sunlight.files.models import StoredFile
from sunlight.files.uses import USES
from sunlight.journal.declared import EVENTS, SUBJECTS
from sunlight.journal.models import Event
from sunlight.journal.refusals import Forbidden
from sunlight.journal.services import record
from sunlight.scope import Role
from sunlight.scope.readers import EVERY_ROLE, READERS, Readers
from sunlight.scope.roles import NO_MACHINES, WITHOUT_DUTIES
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.tenancy.services.organisations import organisation_register
from sunlight.web.lists.declare import tables
from sunlight.web.lists.taking import asking_of
from tests.machines import token_of
from tests.security import estate as estates
from tests.security.routes import HOME, PEOPLE, Route, actor_in, routes
from tests.security.test_routes import broken_by, content, turned_away

# By the clause, written down here once more (SZ20-4.1): what 卫健 and 市监 see of what authorities read at all.
HEALTH = {
    "offer",
    "contract",
    "agreement",
    "order",
    "delivery",
    "acceptance",
    "invoice",
    "payable",
    "payment",
    "overpayment",
}
HEALTH |= {"price_information"}
MARKET = {"offer", "order", "delivery", "authorisation", "declaration"}
COMMON = {
    # Of each kind, where they see what it is about.
    "deadline",
    "overview",
    "matter",
    "finding",
    "journal_check",
    "policy_draft",
    "what_if",
    "webhook",
    "registration",
    "qualification",
    "publication",
    "price_group",
    "reference_price",
    "price_notice",
    "reconciliation",
    "discrepancy",
}
SEES = {"health": HEALTH | COMMON, "market": MARKET | COMMON}
# Names that are valid credit codes.
AUTHORITIES = {"health": "11440300D0EA00011Y", "market": "11440300D0EA000122", "discipline": "11440300D0EA000135"}
WATCHERS = sorted(role for role in PEOPLE if role.kind is Kind.REGULATOR)
HOMES = ("hospital", "maker", "distributor", "operator")


@pytest.fixture(scope="module")
def estate(module_database):
    """The usual one, the other three authorities, and an event about every row that can be traced, with the canary."""
    estate = estates.build()
    system = estate.world.system
    for authority, code in AUTHORITIES.items():
        with scope.opened(system):
            organisation = organisation_register(
                actor=system,
                at=scope.now(),
                platform=estate.world.platform,
                kind=Kind.REGULATOR,
                name=f"示范市{authority}",
                credit_code=code,
                region_code="CN-GD-SZ",
                profile={"legal_representative": "张三"},
                authority=authority,
            )
        estate.actors[authority] = estates.machine(system, organisation, estate.world.platform, Role.REGULATOR_OFFICER)
    estate.actors["insurance"] = estate.actors["regulator"]
    parties = [estate.world.organisations[key].id for key in ("hospital", "maker", "distributor")]
    with scope.opened(system):
        for subject in SUBJECTS.values():
            # Some have decisions alone.
            event = next((each for each in EVENTS.values() if each.subject is subject), None)
            if subject.has_trace and event is not None:
                record(
                    event,
                    subject=estates.BASE,
                    actor=system,
                    at=scope.now(),
                    payload={"number": estates.CANARY},
                    parties=parties,
                )
    return estate


def people(estate):
    """(key of the organisation, actor with one role), of everybody within the platform."""
    for key in HOMES:
        for role in sorted(role for role in PEOPLE if role.kind is estate.actors[key].kind):
            yield f"{role} of {key}", actor_in(estate, role, key)
    for authority in ("insurance", *AUTHORITIES):
        for role in WATCHERS:
            yield f"{role} of {authority}", actor_in(estate, role, authority)
    for role in sorted(role for role in PEOPLE if role.kind is Kind.PLATFORM):
        yield str(role), actor_in(estate, role)


def may(actor, roles) -> bool:
    """What the table and the readers say, worked out here without the code that the pages ask."""
    if roles is None or roles == ANYBODY:
        return roles == ANYBODY
    if actor.roles.isdisjoint(roles):
        return False
    noun = roles.noun if isinstance(roles, Readers) else ""
    if actor.kind is not Kind.REGULATOR or not noun or set(roles) == EVERY_ROLE:
        return True
    return noun in SEES.get(actor.authority, READERS)


@pytest.mark.clause("SZ20-4.1", on="rule")
@pytest.mark.bare_pages
def test_each_authority_opens_its_part_of_every_page_and_endpoint_and_no_more(estate, ask, sampled):
    faults, asked = [], 0
    for route in routes():
        roles = route.declared.get("GET")
        if roles is None or roles == ANYBODY:
            continue
        for authority in SEES:
            for role in WATCHERS:
                if not sampled(route, authority, role):
                    continue
                asked += 1
                actor = actor_in(estate, role, authority)
                answer = ask(actor, "GET", route.path)
                if turned_away(route, answer) == may(actor, roles) and not _says_so_itself(answer):
                    faults.append(f"{route} as {role} of {authority}: {answer.status_code} {broken_by(answer)}")
    assert sampled.enough(asked, 1200)
    assert faults == [], "\n".join(faults)


def _says_so_itself(answer) -> bool:
    """A page for everybody that is about a row of some noun (a trace, a file, a sheet) refuses by itself; see below."""
    return any(each.name in ("web/refusal.html", "web/_refusal.html") for each in answer.templates or ())


def test_a_face_that_loses_its_noun_is_seen():
    """`page(*readers.OFFERS)` has the roles and not the noun, so no authority would be asked for its part."""
    faults = []
    for route in routes():
        roles = route.declared.get("GET")
        watched = roles not in (None, ANYBODY) and set(roles) != EVERY_ROLE and not set(roles).isdisjoint(WATCHERS)
        if watched and not isinstance(roles, Readers):
            faults.append(f"{route}: give the page the Readers themselves, not their roles")
    assert faults == []


def page_of(noun: str) -> Route | None:
    """The page of one row of a noun."""
    named = [
        route
        for route in routes()
        if not route.is_api
        and isinstance(route.declared.get("GET"), Readers)
        and route.declared["GET"].noun == noun
        and route.path.endswith(f"/{estates.BASE}/")
    ]
    return next((route for route in named if route.name.endswith(f":{noun}")), next(iter(named), None))


@pytest.mark.bare_pages
def test_a_trace_is_for_readers_of_its_subjects_page(estate, ask, sampled):
    faults, asked, paged, told = [], 0, 0, 0
    for subject in [each for each in SUBJECTS.values() if each.has_trace]:
        page, where = page_of(subject.noun), f"/supervision/trace/{subject.name}/{estates.BASE}/"
        for who, actor in people(estate):
            if not sampled(where, who, of=8):
                continue
            asked += 1
            answer = ask(actor, "GET", where)
            should = may(actor, READERS[subject.noun])
            if (answer.status_code == 403) == should or (not should and estates.CANARY in content(answer)):
                faults.append(f"{where} as {who}: {answer.status_code}")
            told += estates.CANARY in content(answer)
            if page is not None:
                paged += 1
                if (ask(actor, "GET", page.path).status_code == 403) != (answer.status_code == 403):
                    faults.append(f"{where} as {who}: the page {page.path} says otherwise")
    assert sampled.enough(asked // 2, 300) and paged and told
    assert faults == [], "\n".join(faults)


def test_a_sheet_is_for_readers_of_its_page(estate, sampled):
    addresses = {route.name: route for route in routes()}
    faults, asked = [], 0
    for table in tables().values():
        route = addresses[table.url_name]
        if table.rows is None or route.declared["GET"] == ANYBODY:
            continue
        for who, actor in people(estate):
            if not sampled(table.key, who):
                continue
            asked += 1
            try:
                asking_of(actor, table.key, route.path)
                given = True
            except Forbidden:
                given = False
            if given != may(actor, route.declared["GET"]):
                faults.append(f"{table.key} as {who}: {given}")
    assert sampled.enough(asked, 700)
    assert faults == [], "\n".join(faults)


@pytest.mark.bare_pages
def test_a_partys_file_is_opened_by_its_owner_and_through_what_needs_it(estate, ask, sampled):
    """Row BASE of every table is the maker's or the hospital's; the files of a row are those its use names."""
    faults, asked = [], 0
    with scope.opened(estate.world.system):
        owner = StoredFile.objects.get(id=estates.BASE).organisation_id
    for who, actor in people(estate):
        direct = ask(actor, "GET", f"/files/{estates.BASE}/")
        if (direct.status_code == 200) != (actor.organisation_id == owner):
            faults.append(f"/files/ as {who}: {direct.status_code}")
        for noun, use in USES.items():
            if actor.is_party or not sampled(noun, who, of=4):
                continue
            asked += 1
            answer = ask(actor, "GET", f"/files/{estates.BASE}/for/{noun}/{estates.BASE}/")
            handles = may(actor, READERS[noun]) and not actor.roles.isdisjoint(use.handlers)
            if (answer.status_code == 403) == handles:
                faults.append(f"{noun} as {who}: {answer.status_code} {broken_by(answer)}")
            if answer.status_code == 200:
                with scope.opened(estate.world.system):
                    kept = Event.objects.filter(name="file_opened", payload__for_noun=noun).last()
                    if kept is None or (kept.actor_kind, kept.actor_id) != (actor.principal.kind, actor.principal.id):
                        faults.append(f"{noun} as {who}: read without a record")
    assert asked
    assert faults == [], "\n".join(faults)


@pytest.mark.walls
def test_a_machine_with_one_role_reaches_what_the_role_opens(estate):
    """By its real token, on every endpoint: never more than its one role's, never less."""
    faults, asked = [], 0
    # Neither the platform's own people nor administrators have machines.
    for role in sorted(role for role in PEOPLE - NO_MACHINES if role.kind is not Kind.PLATFORM):
        organisation = estate.world.organisations[HOME[role.kind]]
        browser = Browser(headers={"Authorization": _token(estate, organisation, role)})
        for route in routes():
            roles = route.declared.get("GET")
            if not route.is_api or roles is None or roles == ANYBODY:
                continue
            asked += 1
            answer = browser.get(route.path)
            if turned_away(route, answer) != (role not in roles) or answer.status_code >= 500:
                faults.append(f"{route} as {role}: {answer.status_code}")
    assert asked > 1000
    assert faults == [], "\n".join(faults)


def _token(estate, organisation, role: Role) -> str:
    return f"Bearer {token_of(estate.world.system, organisation, estate.world.platform, role, name=str(role))}"


def test_roles_for_later_have_a_workbench_and_nothing_else(estate, ask):
    """They log in and read what everybody reads; no noun that some do not read is theirs yet."""
    for role in sorted(WITHOUT_DUTIES):
        assert ask(actor_in(estate, role), "GET", "/").status_code == 200
        theirs = {noun for noun, readers in READERS.items() if role in readers and set(readers) != EVERY_ROLE}
        assert theirs == set(), role
    assert {role.kind for role in WITHOUT_DUTIES} == {Kind.OPERATOR, Kind.REGULATOR, Kind.PLATFORM}
