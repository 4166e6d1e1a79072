"""Organisations as they registered: hospitals, bank accounts."""

from collections.abc import Iterable

from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.models import BankAccount, HospitalLevel, Organisation, Ownership, Registration
from sunlight.tenancy.workflows import BankAccountState


def default_bank_accounts(*, platform_id: int, organisation_ids) -> dict[int, BankAccount]:
    """Where organisations are paid, as they registered on the platform, by organisation; to be called in a scope that
    may see it."""
    rows = BankAccount.objects.filter(
        platform_id=platform_id,
        organisation_id__in=organisation_ids,
        is_default=True,
        state=BankAccountState.IN_FORCE,
    )
    return {row.organisation_id: row for row in rows}


def supervised_account(platform_id: int) -> BankAccount | None:
    """The account the platform's operator registered for hospitals' money; None where it has none. To be called in a scope
    that may see it."""
    return (
        BankAccount.objects.filter(
            platform_id=platform_id,
            organisation__kind=OrganisationKind.OPERATOR,
            is_default=True,
            state=BankAccountState.IN_FORCE,
        )
        .order_by("id")
        .first()
    )


def owners_of_accounts(*, platform_id: int, numbers, kind: OrganisationKind) -> dict[str, set[int]]:
    """Bank account number → ids of the organisations of a kind that registered it on the platform."""
    owners: dict[str, set[int]] = {}
    for number, owner in BankAccount.objects.filter(
        platform_id=platform_id,
        account_number__in=set(numbers),
        organisation__kind=kind,
        state=BankAccountState.IN_FORCE,
    ).values_list("account_number", "organisation_id"):
        owners.setdefault(number, set()).add(owner)
    return owners


def hospitals_by_code(*, platform_id: int, codes) -> dict[str, int]:
    """Hospital code (`H…`) → id of the hospital of that code registered on the platform."""
    registered = Registration.objects.filter(platform_id=platform_id).values("organisation_id")
    return dict(
        Organisation.objects.filter(
            kind=OrganisationKind.HOSPITAL, hospital_code__in=set(codes) - {""}, id__in=registered
        ).values_list("hospital_code", "id")
    )


def hospitals_of(platform_id: int) -> list[Organisation]:
    """The hospitals registered on the platform, by name."""
    registered = Registration.objects.filter(platform_id=platform_id).values("organisation_id")
    return list(Organisation.objects.filter(kind=OrganisationKind.HOSPITAL, id__in=registered).order_by("name"))


def registered_of_kinds(*, platform_id: int, kinds: Iterable[OrganisationKind]) -> list[int]:
    """Ids of the organisations of some kinds registered on the platform."""
    registered = Registration.objects.filter(platform_id=platform_id, approved_at__isnull=False)
    rows = Organisation.objects.filter(id__in=registered.values("organisation_id"), kind__in=kinds)
    return list(rows.order_by("id").values_list("id", flat=True))


def ownership_choices() -> dict[str, list[tuple[str, str]]]:
    """What a hospital may say of its level and of who runs it."""
    return {"level": list(HospitalLevel.choices), "ownership": list(Ownership.choices)}


def credit_codes(organisation_ids) -> dict[int, str]:
    """Organisation id → unified social credit code, which is its taxpayer number too."""
    return dict(Organisation.objects.filter(id__in=organisation_ids).values_list("id", "credit_code"))
