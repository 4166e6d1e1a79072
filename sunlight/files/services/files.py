"""Keeping files, and saying who may open them."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from sunlight import scope
from sunlight.files.events import FILE_OPENED, FILE_SHOWN
from sunlight.files.filetypes import FileType, clean_name, inspect, recognise
from sunlight.files.models import StoredFile, Visibility
from sunlight.files.scanning import scanned
from sunlight.journal.refusals import Forbidden, NotThere
from sunlight.journal.services import record, service
from sunlight.scope import Actor


@service
def file_store(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    content: bytes,
    content_type: str = "",
    accept: Collection[FileType] | None = None,
    visibility: str = Visibility.OWN,
    parties: Iterable[int] = (),
) -> StoredFile:
    """Keep a file as it came in, with size and SHA-256, as the actor's organisation's (the platform's own where it has
    none). The content decides the type; `content_type`, the sender's claim, only distinguishes CSV from other text.

    With `accept` the file must be complete, within the limits and of one of these types (`filetypes.inspect`); without,
    anything is kept, for a reader that will judge it row by row. Raises Invalid (also for a virus), Forbidden (a party
    may not publish), Conflict (the scanner is silent).
    """
    if actor.is_party and not actor.on_behalf_of and visibility == Visibility.PUBLIC:
        raise _not_yours_to_publish()
    if accept is None:
        kind = recognise(content, name=name, declared=content_type)
    else:
        kind = inspect(content, name=name, accept=accept, declared=content_type)
    return StoredFile.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        name=clean_name(name),
        content_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        visibility=visibility,
        parties=_named(visibility, parties),
        scanned_by=scanned(content),
        stored_at=at,
        **scope.by(actor, "stored"),
    )


@service
def file_show(*, actor: Actor, at: datetime, file_id: int, visibility: str, parties: Iterable[int] = ()) -> StoredFile:
    """Change who may open one of the actor's own files; the platform's people may publish one. Raises NotThere,
    Forbidden."""
    rows = StoredFile.objects.defer("content").select_for_update().filter(id=file_id, platform_id=actor.platform_id)
    if actor.is_party:
        rows = rows.filter(organisation_id=actor.organisation_id)
        if visibility == Visibility.PUBLIC:
            raise _not_yours_to_publish()
    file = rows.first()
    if file is None:
        raise NotThere("这个文件")
    file.visibility, file.parties = visibility, _named(visibility, parties)
    file.save(update_fields=["visibility", "parties"])
    record(
        FILE_SHOWN,
        subject=file.id,
        actor=actor,
        at=at,
        parties=[file.organisation_id, *file.parties],
        payload={"name": file.name, "sha256": file.sha256, "visibility": visibility, "parties": file.parties},
    )
    return file


@service
def file_opened(*, actor: Actor, at: datetime, file: StoredFile, noun: str, subject_id: int) -> None:
    """Keep on record that somebody inside the platform read a party's file, and for what. Only the platform's own people
    read the record: a firm that is looked into is not told."""
    record(
        FILE_OPENED,
        subject=file.id,
        actor=actor,
        at=at,
        platform_id=file.platform_id,
        payload={"name": file.name, "sha256": file.sha256, "for_noun": noun, "for_id": subject_id},
    )


def _named(visibility: str, parties: Iterable[int]) -> list[int]:
    return sorted(set(parties)) if visibility == Visibility.PARTIES else []


def _not_yours_to_publish() -> Forbidden:
    return Forbidden("file_not_yours_to_publish", "只有平台运营方可以把文件向社会公开。请联系平台运营支持。")
