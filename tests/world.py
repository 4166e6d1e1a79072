"""A small world for tests: the four platforms, one organisation of each kind on gd-sz, an actor for every role.

`build` makes it by the services; `tests.databases.world_template` keeps it in the workers' template, where `found` reads it.
"""

import copy
from dataclasses import dataclass, field, replace
from functools import cache

from django.db import connection

from sunlight import scope
from sunlight.scope import Actor, Client, Role
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.tenancy.models import Membership, Organisation, Person, User
from sunlight.tenancy.queries.actors import actor_of_membership, open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from sunlight.tenancy.services.organisations import organisation_register

PASSWORD = "sunlight-test-2026"
HOME = "gd-sz"
CLIENT = Client(address="127.0.0.1", agent="pytest")
# Whose people are there from the beginning; the others' organisations are empty until somebody is asked for.
STAFFED = ("hospital", "other_hospital", "maker", "other_maker", "distributor", "operator", "regulator")

# key: (kind, name, credit code, region, traits). Credit codes carry right check characters.
ORGANISATIONS = {
    "hospital": (
        Kind.HOSPITAL,
        "测试市第一人民医院",
        "12440300455755033K",
        "CN-GD-SZ",
        {
            "level": "tertiary",
            "ownership": "government_county",
            "is_public": True,
            "hospital_code": "H44030300001",
            "area_code": "440303",
        },
    ),
    "other_hospital": (
        Kind.HOSPITAL,
        "测试市第二人民医院",
        "12440300455755041E",
        "CN-GD-SZ",
        {
            "level": "secondary",
            "ownership": "government_county",
            "is_public": True,
            "hospital_code": "H44030300002",
            "area_code": "440303",
        },
    ),
    "private_hospital": (
        Kind.HOSPITAL,
        "测试民营医院",
        "91440300MA5F000181",
        "CN-GD-SZ",
        {
            "level": "primary",
            "ownership": "private",
            "is_public": False,
            "hospital_code": "H44030300003",
            "area_code": "440303",
        },
    ),
    "maker": (Kind.SUPPLIER, "测试医疗器械有限公司", "91440300MA5F00026U", "CN-GD-SZ", {"is_manufacturer": True}),
    "other_maker": (Kind.SUPPLIER, "样例生物科技有限公司", "91440300MA5F00034N", "CN-GD-SZ", {"is_manufacturer": True}),
    "distributor": (Kind.SUPPLIER, "测试医药配送有限公司", "91440300MA5F00042H", "CN-GD-SZ", {"is_distributor": True}),
    "other_distributor": (
        Kind.SUPPLIER,
        "样例物流有限公司",
        "91440300MA5F00050C",
        "CN-GD-SZ",
        {"is_distributor": True},
    ),
    "operator": (Kind.OPERATOR, "测试交易集团", "91440300MA5F000699", "CN-GD-SZ", {}),
    "regulator": (Kind.REGULATOR, "测试市医疗保障局", "114403004557550764", "CN-GD-SZ", {"authority": "insurance"}),
}


@dataclass
class World:
    """Names to organisations; `actor(key, *roles)` acts for one, as a person of its own for each set of roles."""

    platform: object
    system: Actor
    organisations: dict[str, Organisation]
    employed: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, key: str) -> Organisation:
        try:
            return self.__dict__["organisations"][key]
        except KeyError:
            raise AttributeError(key) from None

    def actor(self, key: str, *roles: Role, person: str = "") -> Actor:
        """The actor of a person of organisation `key` with these roles; `person` tells two people of one role apart."""
        place = "" if self.platform.code == HOME else f"{self.platform.code}."
        username = f"{place}{key}.{'-'.join(sorted(r.value for r in roles))}.{person}".lower()[:60]
        if username in self.employed:
            return self.employed[username]
        with scope.login_scope():
            known = Membership.objects.select_related("organisation__region", "platform__region", "user")
            membership = known.filter(user__username=username).first()
            membership = membership or self._employed(username, self.organisations[key], roles)
            return actor_of_membership(membership, CLIENT)

    def _employed(self, username: str, organisation: Organisation, roles: tuple[Role, ...]) -> Membership:
        """A person with these roles, by rows and not by the services, which nearly every test would call."""
        assert {role.kind for role in roles} <= {Kind(organisation.kind)}, f"no roles of {organisation.kind}: {roles}"
        at = scope.now()
        person = Person.objects.create(created_at=at)
        user = User(person=person, username=username, name=f"{organisation.name}员工", password_set_at=at)
        user.set_password(PASSWORD)
        user.save()
        with scope.opened(self.system):
            return Membership.objects.create(
                user=user, organisation=organisation, platform=self.platform, roles=[str(role) for role in roles]
            )

    def employ(self) -> None:
        """A person for each role, kept in the template because nearly every test asks for some."""
        for key in STAFFED:
            for role in Role:
                if role.kind == self.organisations[key].kind:
                    self.actor(key, role)

    def system_for(self, actor: Actor) -> Actor:
        return replace(self.system, on_behalf_of=str(actor.organisation_id))


def _system(platform_code: str) -> Actor:
    return next(a for a in open_platform_actors() if a.platform_code == platform_code)


def found(platform_code: str = HOME) -> World:
    """The world that `build` made in this database: objects of the caller's own, read once per database."""
    made = _read(connection.settings_dict["NAME"], platform_code)
    return copy.deepcopy(made, {id(made.employed): made.employed})


@cache
def _read(database: str, platform_code: str) -> World:
    system = _system(platform_code)
    with scope.opened(system):
        platform = platform_by_code(platform_code)
        codes = {code: key for key, (_, _, code, _, _) in ORGANISATIONS.items()}
        rows = Organisation.objects.select_related("region").filter(credit_code__in=codes)
        made = {codes[o.credit_code]: o for o in rows}
    with scope.login_scope():
        people = Membership.objects.select_related("organisation__region", "platform__region", "user")
        employed = {
            m.user.username: actor_of_membership(m, CLIENT)
            for m in people.filter(platform=platform, organisation__in=made.values())
        }
    organisations = {key: made[key] for key in ORGANISATIONS}
    return World(platform=platform, system=system, organisations=organisations, employed=employed)


def build(platform_code: str = HOME, organisations: dict | None = None) -> World:
    """Register the organisations (`ORGANISATIONS`, or others of the same form); services only, as the platform itself."""
    system = _system(platform_code)
    made: dict[str, Organisation] = {}
    with scope.opened(system):
        platform = platform_by_code(platform_code)
        for index, (key, (kind, name, credit_code, region, traits)) in enumerate(
            (organisations or ORGANISATIONS).items()
        ):
            made[key] = organisation_register(
                actor=system,
                at=scope.now(),
                platform=platform,
                kind=kind,
                name=name,
                credit_code=credit_code,
                region_code=region,
                profile={
                    "legal_representative": f"法人{index}",
                    "registered_address": f"测试路 {index} 号",
                    "phone": f"0755-2600000{index}",
                },
                bank_account={
                    "bank_name": "测试银行深圳分行",
                    "account_name": name,
                    "account_number": f"62270000000000000{index}",
                },
                **traits,
            )
    return World(platform=platform, system=system, organisations=made)
