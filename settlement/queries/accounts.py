"""Reading changes of suppliers' bank accounts."""

from datetime import date

from settlement.models.account import OPEN, AccountChange
from settlement.models.payment import Payable
from settlement.workflows.states import AccountChangeState, PayableState
from sunlight.files.uses import file_use
from sunlight.journal.refusals import NotThere
from sunlight.scope import Actor, Role
from sunlight.scope.fields import done_by
from sunlight.tenancy.models import BankAccount
from sunlight.tenancy.queries.organisations import default_bank_accounts


def changes_visible_to(actor: Actor, *, state: str = ""):
    """Changes of the actor's own account, for the platform's people those of its suppliers, newest first."""
    rows = AccountChange.objects.select_related("payee", "platform__region")
    if actor.is_party:
        rows = rows.filter(platform_id=actor.platform_id, payee_id=actor.organisation_id)
    else:
        rows = rows.filter(platform_id__in=actor.platform_ids)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-id")


def access_change(actor: Actor, change_id: int, *, lock: bool = False) -> AccountChange:
    """One change. Raises NotThere."""
    rows = changes_visible_to(actor)
    change = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=change_id).first()
    if change is None:
        raise NotThere("这项收款账户变更")
    return change


@file_use("account_change", Role.OPERATOR_REVIEWER, Role.OPERATOR_SETTLER)
def proof_files(actor: Actor, change_id: int) -> set[int]:
    """What proves the new account. Raises NotThere."""
    return {access_change(actor, change_id).proof_id}


def own_account(actor: Actor) -> BankAccount | None:
    """The account that the actor's organisation is paid to on its platform; None where it registered none."""
    found = default_bank_accounts(platform_id=actor.platform_id, organisation_ids=[actor.organisation_id])
    return found.get(actor.organisation_id)


def open_change(actor: Actor) -> AccountChange | None:
    """The change of the actor's own account that is under way."""
    return changes_visible_to(actor).filter(state__in=OPEN).first()


def changes_to_confirm(actor: Actor) -> int:
    """Changes of the actor's firm that wait for a second person; those the actor asked for are not counted."""
    return changes_visible_to(actor).filter(state=AccountChangeState.ASKED).exclude(done_by(actor, "asked_by")).count()


def changes_to_approve(actor: Actor) -> int:
    """Changes that wait for the operator."""
    return changes_visible_to(actor).filter(state=AccountChangeState.CONFIRMED).count()


def changes_due(platform_id: int, on: date) -> list[int]:
    """Ids of the approved changes whose day has come, the oldest first."""
    rows = AccountChange.objects.filter(
        platform_id=platform_id, state=AccountChangeState.APPROVED, starts_on__lte=on
    ).order_by("id")
    return list(rows.values_list("id", flat=True))


def debtors_of(platform_id: int, payee_id: int) -> list[int]:
    """Ids of the hospitals that owe the payee something now. To be called in a scope that may see it."""
    owed = Payable.objects.filter(
        platform_id=platform_id, payee_id=payee_id, state__in=[PayableState.OPEN, PayableState.IN_RUN]
    )
    return sorted(owed.order_by().values_list("buyer_id", flat=True).distinct())
