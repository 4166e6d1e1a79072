"""Importing a sheet row by row: the stored file, a run with its counts, every refused row with its reason.

An app's import is one service call that uses these inside its transaction:

    file = file_store(actor=actor, at=at, name=name, content=content)
    run = import_run_start(actor=actor, at=at, kind="…", file=file)
    … BadRow.of(row, refusal) …
    import_run_finish(actor=actor, at=at, run=run, taken=…, unchanged=…, refused=bad_rows)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sunlight import scope
from sunlight.files.models import StoredFile
from sunlight.journal.refusals import Refused
from sunlight.journal.services import record, service
from sunlight.scope import Actor
from sunlight.sheets.events import IMPORT_FINISHED
from sunlight.sheets.models import ImportRun, RefusedRow
from sunlight.sheets.reading import Row
from sunlight.sheets.workflows import ImportState

_BATCH = 1_000
# What a sheet made in a request may hold: to be marked, and of refused rows.
MOST_IN_ONE_SHEET = 50_000


@dataclass(frozen=True)
class BadRow:
    """A row not taken: its number in the sheet, the column, a stable code, and in Chinese what is wrong and the way out."""

    number: int
    code: str
    message: str
    cells: dict[str, str]
    column: str = ""
    clause: str = ""

    @classmethod
    def of(cls, row: Row, refusal: Refused) -> "BadRow":
        """The bad row that a refusal raised for `row` amounts to; its field names the column."""
        clauses = refusal.clauses
        return cls(row.number, refusal.code, refusal.message, row.cells, refusal.field, clauses[0] if clauses else "")

    @classmethod
    def broken(cls, row: Row) -> "BadRow":
        """The bad row that the reader itself found."""
        return cls(row.number, "row_broken", row.fault, row.cells)


@service
def import_run_start(*, actor: Actor, at: datetime, kind: str, file: StoredFile, whole: bool = False) -> ImportRun:
    """Begin importing `file`; `kind` names its content; `whole`: import nothing unless every row is good."""
    return ImportRun.objects.create(
        platform_id=actor.platform_id,
        organisation_id=actor.organisation_id,
        kind=kind,
        file=file,
        state=ImportState.RUNNING,
        whole=whole,
        started_at=at,
        **scope.by(actor, "started"),
    )


@service
def refuse_rows(*, actor: Actor, at: datetime, run: ImportRun, rows: Sequence[BadRow]) -> None:
    """Keep refused rows of a running import; the counts follow with `import_run_finish`."""
    RefusedRow.objects.bulk_create(
        [
            RefusedRow(
                run=run,
                row_number=bad.number,
                column=bad.column[:80],
                code=bad.code[:60],
                message=bad.message,
                clause=bad.clause[:30],
                cells=bad.cells,
            )
            for bad in rows
        ],
        batch_size=_BATCH,
    )


@service
def import_run_finish(
    *,
    actor: Actor,
    at: datetime,
    run: ImportRun,
    taken: int,
    unchanged: int = 0,
    refused: Sequence[BadRow] = (),
    refused_before: int = 0,
    held: int = 0,
    facts: dict | None = None,
) -> ImportRun:
    """End an import: store `refused` (besides `refused_before` rows that `refuse_rows` stored), set the counts (total =
    taken + unchanged + refused + held back), record it in the journal together with `facts`."""
    refuse_rows(actor=actor, at=at, run=run, rows=refused)
    run.rows_taken, run.rows_unchanged, run.rows_refused = taken, unchanged, len(refused) + refused_before
    run.rows_held = held
    run.rows_total = taken + unchanged + run.rows_refused + held
    run.state, run.finished_at = ImportState.DONE, at
    run.save(
        update_fields=[
            "rows_taken",
            "rows_unchanged",
            "rows_refused",
            "rows_held",
            "rows_total",
            "state",
            "finished_at",
        ]
    )
    record(
        IMPORT_FINISHED,
        subject=run.id,
        actor=actor,
        at=at,
        payload={
            "kind": run.kind,
            "file": run.file.name,
            "sha256": run.file.sha256,
            "total": run.rows_total,
            "taken": taken,
            "unchanged": unchanged,
            "refused": run.rows_refused,
            "held": held,
            **(facts or {}),
        },
    )
    return run
