"""Ways to the owner of an account: mail, and short messages by a gateway that the deployment names."""

import itertools
import os
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

from sunlight import scope

SUBJECT = "【阳光交易】账号通知"
_numbers = itertools.count(1)


class Gateway(Protocol):
    """Sends a short text to one address. Raises whatever went wrong; it is then tried again."""

    def send(self, *, to: str, text: str) -> None: ...


class Unconfigured(Exception):
    """This deployment has no way to send over the channel."""


class Mail:
    """Through Django's e-mail backend."""

    def send(self, *, to: str, text: str) -> None:
        EmailMessage(
            subject=SUBJECT, body=text, from_email=settings.MAIL_FROM, to=[to], connection=get_connection(timeout=20)
        ).send()


class Directory:
    """Into files of one directory, so that a newcomer to the demonstration reads what an owner would get."""

    def __init__(self, channel: str, place: str) -> None:
        self.channel, self.place = channel, Path(place)

    def send(self, *, to: str, text: str) -> None:
        self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = f"{scope.now():%Y%m%dT%H%M%S%f}-{next(_numbers):06d}-{os.getpid()}"
        file = os.open(self.place / f"{stamp}.{self.channel}.txt", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(f"{to}\n\n{text}\n")


def gateway(channel: str) -> Gateway:
    """What sends over a channel ("mail", "sms") here. Raises Unconfigured."""
    if settings.LETTER_DIRECTORY:
        return Directory(channel, settings.LETTER_DIRECTORY)
    if channel == "mail" and settings.MAIL_FROM:
        return Mail()
    if channel == "sms" and settings.SMS_GATEWAY:
        return import_string(settings.SMS_GATEWAY)()
    raise Unconfigured(f"no way to send over {channel}")


def is_open(channel: str) -> bool:
    """Whether this deployment can send over a channel."""
    try:
        gateway(channel)
    except Unconfigured:
        return False
    return True


def letters_written(most: int = 20) -> list[dict[str, str]]:
    """What stands in the directory of the demonstration, the latest first: channel, to, text."""
    if not settings.LETTER_DIRECTORY or not Path(settings.LETTER_DIRECTORY).is_dir():
        return []
    files = sorted(Path(settings.LETTER_DIRECTORY).glob("*.txt"), reverse=True)[:most]
    read = [(file.name.rsplit(".", 2)[1], file.read_text("utf-8").partition("\n\n")) for file in files]
    return [{"channel": channel, "to": to, "text": text.strip()} for channel, (to, _, text) in read]
