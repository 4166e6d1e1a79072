"""Who acts: plain values, resolved once per request or task."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from sunlight.scope.principal import SYSTEM, Acted, Human, Principal, PrincipalKind
from sunlight.scope.roles import OrganisationKind, Role


class Undecided(Exception):
    """A machine acted without saying in which role, so that nobody knows who answers for it: a mistake in the program."""


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
    # The human being (`tenancy.Person`) who acts, or who answers for the machine in the role it acts in.
    for_person_id: int | None = None
    # A machine: who answers for it in each of its roles, and the people who know its secret.
    answering: tuple[tuple[Role, int], ...] = ()
    makers: frozenset[int] = frozenset()
    # The mandate a machine acts under, the one act (machine, move) it is for, and the people who gave it.
    mandate_id: int | None = None
    mandated: tuple[str, str] = ("", "")
    mandators: frozenset[int] = frozenset()
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
    def is_machine(self) -> bool:
        return self.principal is not None and self.principal.is_machine

    @property
    def acting(self) -> Acted | None:
        """Who acts, as rows keep it. Raises Undecided for a machine that several people answer for, until it is said in
        which role it acts."""
        if self.for_person_id is None and self.answering:
            raise Undecided(f"{self.principal} acts in one of its roles: {', '.join(sorted(self.roles))}")
        return None if self.principal is None else Acted(self.principal, self.for_person_id, self.mandate_id)

    @property
    def people(self) -> frozenset[Principal | Human]:
        """Who may not act again where another is asked for. Of a machine those who answer for it and who gave its mandate;
        the machine itself only where nobody answers for it, for its duties may be kept apart."""
        if self.principal in (None, SYSTEM):
            return frozenset()
        if not self.is_machine or not (self.answering or self.for_person_id):
            return Acted(self.principal, self.for_person_id).people
        known = {self.for_person_id, *(each for _, each in self.answering), *self.mandators} - {None}
        return frozenset(Human(each) for each in known)

    def acting_as(self, roles: Collection[Role], *, reads: bool = False) -> "Actor":
        """A machine in the first of `roles` (by name) that it has, and in whatever else the same person answers for: who
        acts must be one person; whoever only `reads` keeps all roles. People, and a machine with none of `roles`, as they
        are."""
        first = next((person for role, person in sorted(self.answering) if role in roles), None)
        if first is None:
            return self
        return replace(self, for_person_id=first) if reads else self.acting_for(first)

    def acting_for(self, person_id: int | None) -> "Actor":
        """A machine in the roles that this person answers for; none where they answer for none."""
        mine = tuple((role, each) for role, each in self.answering if each == person_id)
        return replace(self, roles=frozenset(role for role, _ in mine), answering=mine, for_person_id=person_id)

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
