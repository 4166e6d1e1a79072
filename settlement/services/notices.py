"""What the bank tells beside its statements (camt.054): kept, and read with the statement's booking of the same serial."""

from datetime import datetime

from settlement.events import BANK_NOTICES_TAKEN
from settlement.models.statement import BankNotice
from settlement.services.bank import LINES_AN_EVENT, require_settler
from settlement.services.bank_xml import read_camt054
from settlement.workflows.states import SUPERVISED
from sunlight import scope
from sunlight.files.services.files import file_store
from sunlight.journal.refusals import Invalid
from sunlight.journal.services import record, service
from sunlight.scope import Actor
from sunlight.scope.roles import OrganisationKind
from sunlight.tenancy.queries.organisations import owners_of_accounts


@service
def bank_notices_import(*, actor: Actor, at: datetime, name: str, content: bytes) -> int:
    """Keep the bookings that a notification of the bank tells of, by a settler; how many are new. Nothing is booked by it:
    the statement does that, and takes from it why money came back. Raises Forbidden, Invalid for another file or
    account."""
    require_settler(actor, "导入银行入账通知")
    told = read_camt054(content)
    if not told:
        raise Invalid("notice_empty", "通知中没有已入账的明细。请上传银行发来的 camt.054 原文件。")
    numbers = {account for _, account, _ in told}
    known = owners_of_accounts(platform_id=actor.platform_id, numbers=numbers, kind=OrganisationKind.OPERATOR)
    if strange := sorted(numbers - set(known)):
        raise Invalid(
            "not_the_supervised_account",
            f"账号 {strange[0]} 不是本平台登记的监管账户。请上传监管账户的通知。",
            field="账号",
            basis=scope.basis(actor, at, SUPERVISED),
        )
    file = file_store(actor=actor, at=at, name=name, content=content, content_type="application/xml")
    serials = [booking.serial for _, _, booking in told]
    before = set(
        BankNotice.objects.filter(platform_id=actor.platform_id, bank_serial__in=serials).values_list(
            "bank_serial", flat=True
        )
    )
    fresh = {booking.serial: (message, account, booking) for message, account, booking in told}
    notices = BankNotice.objects.bulk_create(
        BankNotice(
            platform_id=actor.platform_id,
            file=file,
            message_id=message,
            account_number=account,
            bank_serial=booking.serial,
            booked_on=booking.booked_on,
            direction=booking.direction,
            amount_fen=booking.amount_fen,
            counterparty_name=booking.counterparty_name,
            counterparty_account=booking.counterparty_account,
            reference=booking.reference,
            end_to_end=booking.end_to_end,
            return_code=booking.return_code,
            return_reason=booking.return_reason,
            taken_at=at,
            **scope.by(actor, "taken"),
        )
        for serial, (message, account, booking) in fresh.items()
        if serial not in before
    )
    facts = [_facts(notice) for notice in notices]
    for start in range(0, len(facts), LINES_AN_EVENT):
        payload = {"sha256": file.sha256, "lines": facts[start : start + LINES_AN_EVENT]}
        record(BANK_NOTICES_TAKEN, subject=actor.platform_id, actor=actor, at=at, payload=payload)
    return len(notices)


def _facts(notice: BankNotice) -> dict:
    return {
        "id": notice.id,
        "message_id": notice.message_id,
        "serial": notice.bank_serial,
        "booked_on": notice.booked_on,
        "direction": notice.direction,
        "amount_fen": notice.amount_fen,
        "name": notice.counterparty_name,
        "account": notice.counterparty_account,
        "reference": notice.reference,
        "end_to_end": notice.end_to_end,
        "return_code": notice.return_code,
        "return_reason": notice.return_reason,
    }
