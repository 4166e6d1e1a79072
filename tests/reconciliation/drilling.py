"""Random edits of a superuser, one at a time, and whether the night's walk finds each."""

import random

from sunlight.journal.rowfacts import ROWS
from tests.reconciliation import walking
from tests.reconciliation.tampering import KINDS, Edit, Nothing, Vandal

# What the chain and the digests protect; a verifier of the journal's file looks at these too.
JOURNAL = ("journal_event", "journal_seal", "journal_rowfact")
# Further verifiers: each is given an edit and says whether it finds it.
VERIFIERS: list = []


def drill(vandal: Vandal, seed: int, count: int, say=print) -> list[str]:
    """Make `count` edits over all reconciled tables and the journal; the ones that nobody found. `--randomly-seed` makes
    the same again."""
    say(f"--randomly-seed={seed} makes the same edits")
    vandal.random.seed(seed)
    choose, missed, made = random.Random(seed), [], 0
    tables = [*sorted(ROWS), *JOURNAL]
    while made < count:
        # Every table and every kind comes up, in an order of chance.
        table, kind = (
            tables[made % len(tables)] if count >= len(tables) else choose.choice(tables),
            choose.choice(KINDS),
        )
        try:
            edit = vandal.edit(kind, table)
        except Nothing:
            if count >= len(tables) and choose.random() < 0.2:
                tables = [each for each in tables if each != table or vandal.run(f"select 1 from {table} limit 1")]
            continue
        made += 1
        if not (_found(edit) or any(verifier(edit) for verifier in VERIFIERS)):
            missed.append(str(edit))
        vandal.undo(edit)
    if still := walking.found():
        missed.append(f"after all was undone: {still}")
    say(f"{made} edits, {made - len(missed)} found")
    return missed


def _found(edit: Edit) -> bool:
    """Whether the walk finds this edit: each of its rows by name, or for the journal that something is wrong there."""
    rows = walking.rows_found()
    if edit.table in JOURNAL:
        return any(row.kind in ("BROKEN", "CHAIN", "UNRECORDED", "DIFFERS", "UNKNOWN", "MISSING") for row in rows)
    return set(edit.ids) <= {row.row_id for row in rows if row.relation == edit.table}
