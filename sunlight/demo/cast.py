"""Registering the demonstration's organisations and people, and acting as them."""

from collections.abc import Sequence
from datetime import datetime, time

from django.contrib.auth.hashers import make_password

from sunlight import scope
from sunlight.demo.machines import machines_enter
from sunlight.demo.people import ORGANISATIONS, Demo
from sunlight.scope import Actor, Client, Role
from sunlight.scope.clock import SHANGHAI
from sunlight.tenancy.models import Organisation, Platform
from sunlight.tenancy.queries.actors import actor_of_membership, open_platform_actors
from sunlight.tenancy.queries.platforms import platform_by_code
from sunlight.tenancy.services.admission import membership_grant, user_create
from sunlight.tenancy.services.drafts import drafts_switch_decide, drafts_switch_propose
from sunlight.tenancy.services.organisations import organisation_register

PASSWORD = "sunlight-demo"


def _system(platform_code: str) -> Actor:
    return next(a for a in open_platform_actors() if a.platform_code == platform_code)


class Cast:
    """Everybody of the demonstration by username; `cast["buyer1"]` is an actor."""

    def __init__(self, platform_code: str, demos: Sequence[Demo] = ORGANISATIONS, first: int = 0):
        """`demos` are the organisations; `first` tells numbers of several casts apart (phones, bank accounts)."""
        self._demos, self._first = demos, first
        self.system = _system(platform_code)
        self.organisations: dict[str, Organisation] = {}
        self.platform: Platform | None = None
        self._actors: dict[str, Actor] = {}
        self._phones = first
        # Hashed once: sixty times would take longer than the rest of the story.
        self._password_hash = make_password(PASSWORD)

    def _next_phone(self) -> str:
        """A phone of somebody else's than all before: each account of the demonstration is a person of its own."""
        self._phones += 1
        return f"1990000{self._phones:04d}"

    def __getitem__(self, username: str) -> Actor:
        return self._actors[username]

    def enter(self, at) -> None:
        """Register everybody through the services and learn their actors."""
        with scope.opened(self.system):
            self.platform = platform_by_code(self.system.platform_code)
            for number, demo in enumerate(self._demos, start=self._first + 1):
                self._register(demo, number, at)
        self._actors = actors_by_username(self.platform)
        if self._demos is ORGANISATIONS:
            self._drafts_bind(at)
            machines_enter(self, at)

    def _drafts_bind(self, at) -> None:
        """A new platform's drafts only warn; the demonstration's authority runs them, so that they can be met."""
        if self.platform.drafts == "binding":
            return
        facts = {"after": "binding", "reason": "演示征求意见稿施行后的情形"}
        with scope.opened(self["insurance.officer"]):
            switch = drafts_switch_propose(actor=self["insurance.officer"], at=at, **facts)
        with scope.opened(self["insurance.chief"]):
            drafts_switch_decide(actor=self["insurance.chief"], at=at, switch_id=switch.id, agrees=True)
        self.system = _system(self.system.platform_code)
        self._actors = actors_by_username(self.platform)

    def join(self, key: str, username: str, name: str, roles: list[Role], on) -> None:
        """One more person of an organisation, with an account that the login page shows."""
        at = datetime.combine(on, time(9), SHANGHAI)
        with scope.opened(self.system):
            user = user_create(
                actor=self.system,
                at=at,
                username=username,
                name=name,
                password_hash=make_password(PASSWORD),
                phone=self._next_phone(),
                is_demo=True,
            )
            membership_grant(
                actor=self.system,
                at=at,
                user=user,
                organisation=self.organisations[key],
                platform=self.platform,
                roles=roles,
            )
        self._actors = actors_by_username(self.platform)

    def _register(self, demo: Demo, number: int, at) -> None:
        organisation = organisation_register(
            actor=self.system,
            at=at,
            platform=self.platform,
            kind=demo.kind,
            name=demo.name,
            credit_code=demo.credit_code,
            region_code=demo.region,
            profile=_profile(demo, number),
            bank_account={
                "bank_name": "示范银行深圳分行",
                "account_name": demo.name,
                "account_number": f"7559{number:015d}",
            },
            contacts=[{"name": f"联系人{number}", "duty": "业务", "phone": f"0755-2888{number:04d}"}],
            stakes=[{"holder_name": f"示范控股{number}", "share": "60.000", "is_controller": True}]
            if demo.kind == "SUPPLIER"
            else [],
            **demo.traits,
        )
        self.organisations[demo.key] = organisation
        for username, name, roles in demo.team:
            user = user_create(
                actor=self.system,
                at=at,
                username=username,
                name=name,
                password_hash=self._password_hash,
                phone=self._next_phone(),
                is_demo=True,
            )
            membership_grant(
                actor=self.system, at=at, user=user, organisation=organisation, platform=self.platform, roles=roles
            )


def _profile(demo: Demo, number: int) -> dict:
    return {
        "legal_representative": f"法人代表{number}",
        "registered_address": f"示范市福田区阳光路 {number} 号",
        "business_address": f"示范市福田区阳光路 {number} 号",
        "phone": f"0755-2666{number:04d}",
        "email": f"contact{number}@example.org",
    }


def actors_by_username(platform: Platform) -> dict[str, Actor]:
    from sunlight.tenancy.models import Membership

    with scope.login_scope():
        rows = Membership.objects.select_related("user", "organisation__region", "platform__region").filter(
            user__is_demo=True, platform=platform
        )
        client = Client(address="127.0.0.1", agent="seed")
        return {m.user.username: actor_of_membership(m, client) for m in rows}
