"""A committed world for the wall's tests: one row of every table for the parties of gd-sz, and strangers of every kind."""

from dataclasses import dataclass, field, replace

from sunlight import scope
from sunlight.scope import Actor, Client, Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.tenancy.models import Membership, Organisation, Platform, Region, User
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from sunlight.tenancy.services.organisations import organisation_register
from tests import rows
from tests import world as worlds
from tests.machines import actor_of, token_of

BASE = 900_000_001
CANARY = "勿外传-canary-7f3a"
CLIENT = Client(address="127.0.0.1", agent="pytest")

# key: (platform, kind, name, credit code, region, traits)
ELSEWHERE = {
    "operator_gd": ("gd", Kind.OPERATOR, "外省运营机构", "91440000MA5F001086", "CN-GD", {}),
    "regulator_gd": ("gd", Kind.REGULATOR, "上级医疗保障局", "114400004557550412", "CN-GD", {"authority": "insurance"}),
    "regulator_js": ("js", Kind.REGULATOR, "外省医疗保障局", "11320000455755068T", "CN-JS", {"authority": "insurance"}),
}
ROLE_OF_KIND = {
    Kind.HOSPITAL: Role.HOSPITAL_BUYER,
    Kind.SUPPLIER: Role.SUPPLIER_SELLER,
    Kind.OPERATOR: Role.OPERATOR_REVIEWER,
    Kind.REGULATOR: Role.REGULATOR_OFFICER,
}


@dataclass
class Estate:
    """`actors`: name → actor; `rows`: model → the planted row; `world`: the organisations of gd-sz."""

    world: worlds.World
    actors: dict[str, Actor]
    rows: dict
    systems: dict[str, Actor]
    memberships: dict = field(default_factory=dict)

    def membership(self, actor: Actor) -> Membership:
        """The membership a session of `actor` would have; not saved."""
        key = actor.organisation_id, actor.platform_id, actor.roles
        if key not in self.memberships:
            self.memberships[key] = self._membership(actor)
        return self.memberships[key]

    def _membership(self, actor: Actor) -> Membership:
        with scope.opened(self.world.system):
            return Membership(
                organisation=Organisation.objects.select_related("region").get(pk=actor.organisation_id),
                platform=Platform.objects.select_related("region").get(pk=actor.platform_id),
                user=User(username="pytest", name="测试"),
                roles=sorted(actor.roles),
            )


def machine(system: Actor, organisation, platform, *roles: Role) -> Actor:
    """The actor of a machine of `organisation` on `platform`, by a token of its own."""
    return actor_of(token_of(system, organisation, platform, *roles))


def build() -> Estate:
    """Commits; to be called on a database of your own."""
    world = worlds.build()
    systems = {actor.platform_code: actor for actor in open_platform_actors()}
    actors = {
        key: machine(world.system, organisation, world.platform, ROLE_OF_KIND[Kind(organisation.kind)])
        for key, organisation in world.organisations.items()
    }
    for key, (code, kind, name, credit_code, region, traits) in ELSEWHERE.items():
        actors[key] = _register(systems[code], code, kind, name, credit_code, region, traits)
    # The very same parties on another platform are strangers there.
    for key in ("hospital", "maker", "distributor"):
        organisation = world.organisations[key]
        actors[f"{key}_on_gd"] = _register(
            systems["gd"],
            "gd",
            Kind(organisation.kind),
            organisation.name,
            organisation.credit_code,
            "CN-GD-SZ",
            {"is_manufacturer": organisation.is_manufacturer, "is_distributor": organisation.is_distributor},
        )
    return Estate(world, actors, plant(world), systems)


def _register(system, code, kind, name, credit_code, region, traits) -> Actor:
    with scope.opened(system):
        platform = platform_by_code(code)
        organisation = organisation_register(
            actor=system,
            at=scope.now(),
            platform=platform,
            kind=kind,
            name=name,
            credit_code=credit_code,
            region_code=region,
            profile={"legal_representative": "张三"},
            **traits,
        )
    return machine(system, organisation, platform, ROLE_OF_KIND[kind])


def plant(world) -> dict:
    with scope.opened(world.system):
        parties = rows.Parties(
            world.platform,
            Region.objects.get(code="CN-GD-SZ"),
            world.hospital,
            world.maker,
            world.distributor,
            CANARY,
        )
        return rows.Planter(parties, BASE).all()


def anonymous(estate: Estate) -> Actor:
    return replace(estate.actors["hospital"], kind=None, organisation_id=None, roles=frozenset(), platform_id=None)
