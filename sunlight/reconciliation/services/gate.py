"""No payment is made while a row is not as events say."""

from datetime import datetime

from sunlight import scope
from sunlight.journal.refusals import Conflict
from sunlight.reconciliation.queries.discrepancies import unreleased, word_of
from sunlight.scope import Actor
from sunlight.tenancy.models import Platform


def require_reconciled(*, actor: Actor, at: datetime, platform_id: int, subject: tuple[str, int] | None = None) -> None:
    """Let a payment of a platform go on only while nothing is found there that nobody has released. Call it in
    the transaction of the payment: what is found meanwhile waits until that has ended, and a payment that comes after
    sees it. Raises Conflict, which names the matter."""
    with scope.elevated(actor):
        list(Platform.objects.raw("select id from tenancy_platform where id = %s for share", [platform_id]))
        found = list(unreleased(platform_id)[:2])
    if not found:
        return
    first = found[0]
    more = "等多件" if len(found) > 1 else ""
    raise Conflict(
        "payments_stopped",
        f"平台夜间对账发现{word_of(first.relation)} {first.row_name} {first.get_kind_display()}（事项 {first.number}{more}），"
        "本平台已暂停付款。请等平台审计管理员核查并由另一人解除后再办理，可向平台运营机构询问进展。",
        basis=scope.basis(actor, at, "settlement.supervised_account"),
        subject=subject,
        facts={"numbers": [each.number for each in found]},
    )


def stop_payments(platform_id: int) -> None:
    """Wait until no payment of the platform is between asking and its end; those that ask from now on wait for this
    transaction. To be called before a discrepancy is written."""
    list(Platform.objects.raw("select id from tenancy_platform where id = %s for no key update", [platform_id]))
