"""The day's checkpoint, told to every authority: in the message centre, by mail to those who asked for it, and to addresses
that stand in the deployment's settings."""

import json
import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings

from sunlight.journal.checkpoints import delivered, entry_of, newest
from sunlight.journal.models import CheckpointDelivery
from sunlight.journal.services import service
from sunlight.messages.kinds import message_kind
from sunlight.messages.services.mail import mail_outside
from sunlight.messages.services.messages import message_send
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.queries.authorities import authorities_of

logger = logging.getLogger(__name__)

DAILY = message_kind(
    "checkpoint_of_the_day",
    "日志检查点",
    Role.PLATFORM_AUDIT_ADMIN,
    Role.REGULATOR_AUDITOR,
    url_name="supervision:journal_checks",
    takes_id=False,
    is_public=True,
)


@service
def checkpoint_of_the_day_send(*, actor: Actor, at: datetime) -> int:
    """Tell the platform's newest checkpoint to the authorities and to the addresses outside, once a business day; returns the
    number of those told. By the platform's system. What no mail server takes is tried again by the next call."""
    last = newest(actor.platform_id)
    if last is None:
        return 0
    sent = CheckpointDelivery.objects.filter(platform_id=actor.platform_id, channel__in=["message", "mail"]).order_by(
        "-id"
    )
    today = {
        (each.channel, each.target) for each in sent[:500] if business_date(each.delivered_at) == business_date(at)
    }
    title = f"日志检查点 {last.platform_code} {last.sequence}:{last.chain_hash}"
    body = "请保存本条：日后可用它与独立核验程序（tools/verify_journal.py）证明此前的日志没有被改动。\n\n" + json.dumps(
        entry_of(last), ensure_ascii=False
    )
    told = 0
    if not any(channel == "message" for channel, _ in today):
        messages = message_send(actor=actor, at=at, kind=DAILY, to=authorities_of(actor), title=title, body=body)
        for message in messages:
            delivered([last], at, "message", message.organisation.name)
        told += len(messages)
    for address in settings.CHECKPOINT_MAILS if settings.MAIL_FROM else []:
        if ("mail", address) in today:
            continue
        try:
            mail_outside(to=[address], title=title, body=body)
        except (OSError, SMTPException) as error:
            logger.error("checkpoint not mailed to %s: %s", address, error)
            continue
        delivered([last], at, "mail", address)
        told += 1
    return told
