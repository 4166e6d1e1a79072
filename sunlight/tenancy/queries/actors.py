"""Who somebody is: actors made from memberships and tokens, and the platform itself."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sunlight import scope
from sunlight.scope import Actor, Client, Role
from sunlight.scope.actor import ANONYMOUS
from sunlight.scope.prepared import Given, Prepared
from sunlight.scope.principal import SYSTEM, Acted, Principal, PrincipalKind, person
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import ApiToken, Membership, OAuthClient, OAuthToken, Organisation, Platform
from sunlight.tenancy.queries.machines import CLIENT, TOKEN, answering_of, with_answers
from sunlight.tenancy.queries.platforms import all_platforms, all_region_ids, open_platforms, regions_under

# Every order begins with one of these.
_MEMBERSHIPS = Prepared(
    lambda: (
        Membership.objects.select_related("organisation__region", "platform__region", "user")
        .filter(user_id=Given("user"), is_active=True, user__is_active=True, platform__is_open=True)
        .order_by("platform__code", "organisation_id")
    )
)
_TOKEN = Prepared(lambda: _tokens(Given("at")).filter(token_hash=Given("digest"))[:1])
_FETCHED_TOKEN = Prepared(lambda: _fetched_tokens(Given("at")).filter(token_hash=Given("digest"))[:1])


def system_actor(platform: Platform, client: Client | None = None) -> Actor:
    """The platform itself: sweeps, nightly runs, seeds."""
    return Actor(
        kind=None,
        platform_id=platform.id,
        platform_code=platform.code,
        principal=SYSTEM,
        user_name="系统",
        roles=frozenset({Role.SYSTEM}),
        platform_ids=(platform.id,),
        region_ids=all_region_ids(),
        region_code=platform.region.code,
        drafts=platform.drafts,
        client=client or Client(agent="system"),
    )


def _actor(
    organisation: Organisation,
    platform: Platform,
    roles,
    *,
    principal: Principal,
    name: str,
    client: Client,
    for_person_id: int | None = None,
    held_until: datetime | None = None,
    **machine,
) -> Actor:
    kind = OrganisationKind(organisation.kind)
    platforms: tuple[int, ...] = (platform.id,)
    if kind is OrganisationKind.REGULATOR:
        regions = regions_under(organisation.region.code)
        platforms = tuple(Platform.objects.filter(region_id__in=regions).values_list("id", flat=True)) or (platform.id,)
    else:
        regions = all_region_ids()
    return Actor(
        kind=kind,
        platform_id=platform.id,
        platform_code=platform.code,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        principal=principal,
        user_name=name,
        for_person_id=for_person_id,
        held_until=held_until,
        roles=frozenset(Role(r) for r in roles),
        platform_ids=platforms,
        region_ids=regions,
        region_code=platform.region.code,
        authority=organisation.authority,
        drafts=platform.drafts,
        client=client,
        **machine,
    )


def memberships_of(user_id: int) -> list[Membership]:
    """Call it in the login scope: the active memberships of a user, for choosing which hat to wear."""
    return _MEMBERSHIPS.rows(user=user_id)


def actor_of_membership(membership: Membership, client: Client) -> Actor:
    user = membership.user
    return _actor(
        membership.organisation,
        membership.platform,
        membership.roles,
        principal=person(user.id),
        name=user.name,
        client=client,
        for_person_id=user.person_id,
        held_until=user.held_until,
    )


def bearer_of(authorization: str) -> str | None:
    """The token of an Authorization header, whose scheme may be in any case (RFC 9110); None for another scheme."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def actor_of_token(secret: str, client: Client, at: datetime) -> Actor | None:
    """Call it in the login scope: the machine that holds `secret`, or None if unknown, expired or revoked."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if secret.startswith("sot_"):
        fetched = _FETCHED_TOKEN.first(at=at, digest=digest)
        return None if fetched is None else _actor_of_client(fetched.client, fetched.roles, fetched, client)
    token = _TOKEN.first(at=at, digest=digest)
    return None if token is None else _actor_of(token, client)


def _fetched_tokens(at: datetime):
    """The tokens fetched by clients that are not disabled."""
    rows = OAuthToken.objects.select_related("client__organisation__region", "client__platform__region")
    rows = rows.filter(expires_at__gt=at, client__disabled_at=None, client__platform__is_open=True)
    return with_answers(rows, CLIENT, "client__")


def _actor_of_client(found: OAuthClient, roles: Iterable[str], row, client: Client) -> Actor:
    # One machine however many tokens it fetches: four eyes must not be had by fetching twice.
    principal = Principal(PrincipalKind.CLIENT, found.id)
    makers = frozenset(row.knowers) | {found.created_for_person_id}
    return _actor_of_machine(found, set(roles) & set(found.scopes), row.answers, makers, principal, client)


def _tokens(at: datetime):
    """The tokens that hold."""
    rows = ApiToken.objects.select_related("organisation__region", "platform__region")
    return with_answers(rows.filter(revoked_at=None, expires_at__gt=at, platform__is_open=True), TOKEN)


def _actor_of(token: ApiToken, client: Client) -> Actor:
    principal = Principal(PrincipalKind.TOKEN, token.id)
    makers = frozenset({token.created_for_person_id})
    return _actor_of_machine(token, token.roles, token.answers, makers, principal, client)


def _actor_of_machine(row, roles, answers, makers: frozenset, principal: Principal, client: Client) -> Actor:
    """A machine has the roles that somebody answers for; it stands for that person, for nobody yet where they are several."""
    answering = answering_of(answers, roles)
    people = {person_id for _, person_id in answering}
    return _actor(
        row.organisation,
        row.platform,
        [role for role, _ in answering],
        principal=principal,
        name=f"接口 {row.name}",
        client=client,
        for_person_id=people.pop() if len(people) == 1 else None,
        answering=answering,
        makers=makers - {None},
    )


def actor_again(
    *, platform_id: int, organisation_id: int | None, who: Acted | None, client: Client, at: datetime
) -> Actor | None:
    """Who began something earlier, with the roles they have now, or None if they may do nothing here any more; the
    platform itself where nobody did. Opens the login scope."""
    principal = who.principal if who else SYSTEM
    with scope.login_scope():
        if principal == SYSTEM:
            platform = Platform.objects.select_related("region").filter(id=platform_id, is_open=True).first()
            return system_actor(platform, client) if platform and organisation_id is None else None
        if principal.kind == PrincipalKind.CLIENT:
            rows = OAuthClient.objects.select_related("organisation__region", "platform__region")
            rows = with_answers(rows.filter(id=principal.id, disabled_at=None, platform__is_open=True), CLIENT)
            found = rows.first()
            return None if found is None else _for_whom(_actor_of_client(found, found.scopes, found, client), who)
        if principal.kind == PrincipalKind.TOKEN:
            token = _tokens(at).filter(id=principal.id).first()
            return None if token is None else _for_whom(_actor_of(token, client), who)
        mine = (
            each
            for each in memberships_of(principal.id)
            if each.platform_id == platform_id and each.organisation_id == organisation_id
        )
        membership = next(mine, None)
        return actor_of_membership(membership, client) if membership is not None else None


def _for_whom(machine: Actor, who: Acted | None) -> Actor | None:
    """The machine in the roles that the person of the earlier act answers for still; None where they are none."""
    again = machine.acting_for(who.for_person_id if who else None)
    return again if again.roles else None


def open_platform_actors() -> list[Actor]:
    """The system actor of every open platform, for sweeps; opens its own scope."""
    with scope.opened(ANONYMOUS):
        return [system_actor(platform) for platform in open_platforms()]


def all_platform_actors() -> list[Actor]:
    """As `open_platform_actors`, with those of platforms that closed: their journals are kept."""
    with scope.opened(ANONYMOUS):
        return [system_actor(platform) for platform in all_platforms()]
