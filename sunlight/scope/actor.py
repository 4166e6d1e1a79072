"""Who acts: plain values, resolved once per request or task."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sunlight.scope.principal import Acted, Principal, PrincipalKind
from sunlight.scope.roles import OrganisationKind, Role


@dataclass(frozen=True)
class Client:
    """Where an act came from; kept with every offer, login and event so that related firms can be found (SZ20-6.1b)."""

    address: str = ""
    agent: str = ""
    request_id: str = ""
    # The cookie of a known device, as it came; kept nowhere.
    device: str = ""


@dataclass(frozen=True)
class Actor:
    """A person, machine or the system, acting for one organisation on one platform.

    `platform_ids` and `region_ids` bound what a platform-wide actor (operator, regulator, system) sees;
    a party (hospital, supplier) is bounded by `organisation_id` on `platform_id`.
    `sunlight.tenancy.queries` makes actors; nothing else should.
    """

    kind: OrganisationKind | None
    platform_id: int | None
    platform_code: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    # Nobody where nobody has said who they are.
    principal: Principal | None = None
    user_name: str = ""
    # The human being (`tenancy.Person`) who acts, or who answers for the machine; the mandate a machine acts under.
    for_person_id: int | None = None
    mandate_id: int | None = None
    # Until then the account makes no move that is made in person: its password, second factor, phone or mail is new.
    held_until: datetime | None = None
    roles: frozenset[Role] = frozenset()
    platform_ids: tuple[int, ...] = ()
    region_ids: tuple[int, ...] = ()
    region_code: str = ""
    authority: str = ""
    # What draft acts do on this platform: "binding" or "warn" (assumption A1).
    drafts: str = "binding"
    client: Client = field(default_factory=Client)
    on_behalf_of: str = ""

    @property
    def is_party(self) -> bool:
        return self.kind in (OrganisationKind.HOSPITAL, OrganisationKind.SUPPLIER)

    @property
    def is_authenticated(self) -> bool:
        return self.kind is not None

    @property
    def user_id(self) -> int | None:
        """The user's id where a person acts; None for machines and the system."""
        is_person = self.principal is not None and self.principal.kind == PrincipalKind.PERSON
        return self.principal.id if is_person else None

    @property
    def acting(self) -> Acted | None:
        """Who acts, as rows keep it."""
        return None if self.principal is None else Acted(self.principal, self.for_person_id, self.mandate_id)

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def as_system(self) -> "Actor":
        """The platform itself acting because this actor asked; keeps who that was."""
        return replace(
            self,
            roles=frozenset({Role.SYSTEM}),
            platform_ids=self.platform_ids or ((self.platform_id,) if self.platform_id else ()),
            on_behalf_of=f"organisation:{self.organisation_id} {self.principal}",
        )


ANONYMOUS = Actor(kind=None, platform_id=None)
