"""Letters for tests, by the services: `written`, `submitted`, `sent`; `another_authority` of the same platform."""

from sunlight import scope
from sunlight.letters.models import Letter
from sunlight.letters.services import sending, writing
from sunlight.scope import Role
from sunlight.tenancy.services.organisations import organisation_register
from tests.regional import at, credit_code

# A Monday; five working days later is the next Monday.
DAY = "2026-03-02"


def officer(world, key: str = "regulator"):
    return world.actor(key, Role.REGULATOR_OFFICER)


def chief(world, key: str = "regulator"):
    return world.actor(key, Role.REGULATOR_CHIEF)


def call(actor, service, day: str = DAY, **facts):
    with scope.opened(actor):
        return service(actor=actor, at=at(day), **facts)


def written(world, key: str = "regulator", *, to: str = "hospital", day: str = DAY, **facts) -> Letter:
    words = {"kind": "INQUIRY", "title": "关于采购数据的问询函", "text": "请说明三月数据。", "term_days": 5} | facts
    addressee = world.organisations[to].id
    return call(officer(world, key), writing.letter_write, day, addressee_id=addressee, **words)


def submitted(world, key: str = "regulator", *, day: str = DAY, **facts) -> Letter:
    made = written(world, key, day=day, **facts)
    return call(officer(world, key), writing.letter_submit, day, letter_id=made.id)


def sent(world, key: str = "regulator", *, day: str = DAY, **facts) -> Letter:
    made = submitted(world, key, day=day, **facts)
    return call(chief(world, key), sending.letter_send, day, letter_id=made.id)


def sweep(world, day: str) -> int:
    return call(world.system, sending.letters_sweep, day)


def kept(world, letter) -> Letter:
    with scope.opened(world.system):
        return Letter.objects.select_related("sender", "addressee").get(id=letter.id)


def another_authority(world, authority: str = "market", name: str = "测试市市场监督管理局"):
    """An authority of the same platform: `world.actor(authority, …)` acts for it."""
    number = {"market": "1", "health": "2", "discipline": "3"}[authority]
    with scope.opened(world.system):
        world.organisations[authority] = organisation_register(
            actor=world.system,
            at=scope.now(),
            platform=world.platform,
            kind="REGULATOR",
            name=name,
            credit_code=credit_code(f"1144030000455990{number}"),
            region_code=world.regulator.region.code,
            profile={"legal_representative": "张局", "registered_address": "测试路 9 号", "phone": "0755-26000099"},
            bank_account={
                "bank_name": "测试银行深圳分行",
                "account_name": name,
                "account_number": f"6227000000000000{number}9",
            },
            authority=authority,
        )
    return world.organisations[authority]
