"""Registering organisations on a platform, with what regulators need to find related firms."""

from datetime import date, datetime

from pypinyin import Style, lazy_pinyin

from sunlight import scope
from sunlight.journal.refusals import Conflict, Forbidden, Invalid, Refused
from sunlight.journal.services import record, service
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import moved
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy import rules
from sunlight.tenancy.events import ORGANISATION_REGISTERED
from sunlight.tenancy.models import (
    BankAccount,
    Contact,
    Organisation,
    Platform,
    ProducerName,
    Profile,
    Region,
    Registration,
    Stake,
)
from sunlight.tenancy.rules import participation, uscc_is_valid
from sunlight.tenancy.services.admission import require_admitting
from sunlight.tenancy.workflows import BANK_ACCOUNT


def initials(text: str) -> str:
    """Pinyin initials in lower case, for searching a name by them: 示范医院 → sfyy."""
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=lambda rest: list(rest)))[:200].lower()


def _admit(
    actor: Actor, platform: Platform, organisation: Organisation, *, at: datetime, legacy_code: str, designated: bool
) -> Registration:
    part = _participation(actor, platform, organisation, on=business_date(at), designated=designated)
    row, fresh = Registration.objects.get_or_create(
        platform=platform,
        organisation=organisation,
        defaults={
            "registered_on": business_date(at),
            "approved_at": at,
            **scope.by(actor, "approved"),
            "legacy_code": legacy_code,
            "participation": part.kind if part else "",
            "participation_clause": part.clause if part else "",
        },
    )
    if not fresh:
        raise Conflict("registered_already", f"{organisation.name} 已在{platform.name}登记。")
    return row


def _participation(actor: Actor, platform: Platform, organisation: Organisation, *, on: date, designated: bool):
    """A hospital's part under the law of the platform's region; None for others. Raises Refused where that law admits no
    such institution."""
    if organisation.kind != OrganisationKind.HOSPITAL:
        return None
    law = scope.law(actor, on, region=platform.region.code)
    part = participation(law, ownership=organisation.ownership, designated=designated)
    if part.kind == "none":
        raise Refused(
            "may_not_take_part",
            f"{platform.region.name}的规定未将此类医疗机构列入参加范围；经主管部门指定后可以自愿参加，请附指定文件重新申请。",
            basis=law.basis("tenancy.participation"),
            field="ownership",
        )
    return part


def _check_code(credit_code: str) -> None:
    if not uscc_is_valid(credit_code):
        raise Invalid(
            "uscc_invalid", f"统一社会信用代码 {credit_code} 校验位不正确，请核对营业执照。", field="credit_code"
        )


def _is_public(
    actor: Actor, region: Region, *, on: date, ownership: str, is_public: bool | None = None, **_traits: object
) -> bool:
    """Whether a hospital is a public one, which follows where it says who runs it: one that is known from another platform
    need not. Raises Invalid where it is called otherwise."""
    follows = rules.is_public(scope.law(actor, on, region=region.code), ownership)
    if is_public not in (None, follows):
        raise Invalid(
            "public_disagrees",
            f"举办性质“{rules.OWNERSHIPS[ownership]}”与是否公立不一致，请核对。",
            field="is_public",
        )
    return follows


def _name_producers(organisation: Organisation, names) -> None:
    """The names under which the catalogue knows the maker's products: its own, and those it is the agent of."""
    for name in {organisation.name, *names}:
        ProducerName.objects.get_or_create(
            organisation=organisation, name=name, defaults={"is_agent": name != organisation.name}
        )


def _declare(whose: dict, *, profile: dict, contacts, stakes, bank_account: dict | None) -> None:
    """Keep what an organisation says about itself on a day, so that related firms can be found (SZ20-6.1b)."""
    Profile.objects.create(**whose, **profile)
    Contact.objects.bulk_create(Contact(**whose, **c) for c in contacts)
    Stake.objects.bulk_create(Stake(**whose, **s) for s in stakes)
    if bank_account:
        BankAccount.objects.create(**whose, **bank_account)


@service
def organisation_register(
    *,
    actor: Actor,
    at: datetime,
    platform: Platform,
    kind: OrganisationKind,
    name: str,
    credit_code: str,
    region_code: str,
    profile: dict,
    bank_account: dict | None = None,
    contacts: list[dict] = (),
    stakes: list[dict] = (),
    producer_names: list[str] = (),
    legacy_code: str = "",
    designated: bool = False,
    **traits,
) -> Organisation:
    """Register and approve an organisation on a platform, with what regulators need to find related firms: legal
    representative, addresses, phones, bank account, shareholders and controllers as declared. An organisation already
    registered elsewhere is recognised by its credit code (GB 32100) and only gets another registration. A hospital's
    part is judged by the law of the platform's region (SZ20-3.1, HB20-2a, JS20-2); `designated` is the authority's word
    for a private one. Whether it is public follows from its ownership in its own region (A36).
    Raises Invalid for a wrong credit code, or where it is called public and its ownership says otherwise, Conflict where
    it is registered on this platform already."""
    require_admitting(actor, "登记机构")
    _check_code(credit_code)
    region = Region.objects.get(code=region_code)
    if kind == OrganisationKind.HOSPITAL and "ownership" in traits:
        traits["is_public"] = _is_public(actor, region, on=business_date(at), **traits)
    organisation, _ = Organisation.objects.get_or_create(
        credit_code=credit_code,
        defaults={"kind": kind, "name": name, "name_initials": initials(name), "region": region, **traits},
    )
    admitted = _admit(actor, platform, organisation, at=at, legacy_code=legacy_code, designated=designated)
    whose = {"organisation": organisation, "platform": platform, "declared_on": business_date(at)}
    _declare(whose, profile=profile, contacts=contacts, stakes=stakes, bank_account=bank_account)
    if organisation.is_manufacturer:
        _name_producers(organisation, producer_names)
    record(
        ORGANISATION_REGISTERED,
        subject=organisation.id,
        actor=actor,
        at=at,
        platform_id=platform.id,
        parties=[organisation.id],
        payload={
            "name": name,
            "credit_code": credit_code,
            "kind": kind,
            "region": region_code,
            "participation": admitted.participation,
            "clause": admitted.participation_clause,
            "profile": profile,
            "contacts": list(contacts),
            "stakes": list(stakes),
            "bank_account": bank_account,
        },
    )
    return organisation


@service
def bank_account_replace(
    *,
    actor: Actor,
    at: datetime,
    platform_id: int,
    organisation_id: int,
    bank_name: str,
    account_name: str,
    account_number: str,
) -> BankAccount:
    """Another account that an organisation is paid to on a platform; the former stays on record. By the system alone: who
    has to agree before is settlement's affair. Raises Forbidden."""
    if not actor.has(Role.SYSTEM):
        raise Forbidden("not_your_duty", "收款账户只能经变更流程由系统启用。")
    today = business_date(at)
    mine = BankAccount.objects.filter(platform_id=platform_id, organisation_id=organisation_id)
    for former in mine.select_for_update().filter(is_default=True):
        former.state = moved(BANK_ACCOUNT, former.state, "end", actor)
        former.is_default, former.in_force_until = False, today
        former.save(update_fields=["state", "is_default", "in_force_until"])
    return BankAccount.objects.create(
        platform_id=platform_id,
        organisation_id=organisation_id,
        bank_name=bank_name,
        account_name=account_name,
        account_number=account_number,
        in_force_from=today,
        declared_on=today,
    )
