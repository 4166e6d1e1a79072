"""Random edits of a superuser, one at a time, and whether the night's walk or the journal's verifier finds each."""

import random

from sunlight.journal.rowfacts import ROWS
from tests.reconciliation import walking
from tests.reconciliation.tampering import KINDS, Edit, Nothing, Vandal

# What the chain and the digests protect; a verifier of the journal's file looks at these too.
JOURNAL = ("journal_event", "journal_decision", "journal_refusal", "journal_seal", "journal_rowfact")
# Every walk writes these itself, so an edit cannot be undone without a trace.
LEFT_OUT = ("reconciliation_discrepancy",)
# A record invented today is no rewritten history: nothing that was sealed tells it from a true one.
OTHERS = {("insert", "journal_event"), ("insert", "journal_decision"), ("insert", "journal_refusal")}


def drill(vandal: Vandal, seed: int, count: int, say=print) -> list[str]:
    """Make `count` edits over all reconciled tables and the journal; the ones that nobody found. The same seed makes the
    same edits."""
    say(f"--randomly-seed={seed} makes the same edits")
    vandal.random.seed(seed)
    choose, missed, made = random.Random(seed), [], 0
    walking.found()
    tables = [each for each in (*sorted(ROWS), *JOURNAL) if each not in LEFT_OUT and vandal.any_row(each)]
    choose.shuffle(tables)
    while made < count:
        table, kind = tables[made % len(tables)], choose.choice(KINDS)
        if (kind, table) in OTHERS:
            continue
        head = walking.checkpoint()
        try:
            edit = vandal.edit(kind, table)
        except Nothing:
            continue
        made += 1
        if not (_found(edit) or walking.verified(head)):
            missed.append(str(edit))
        vandal.undo(edit)
    # The walk before ended at a head that the last edit made.
    walking.found()
    if still := walking.found():
        missed.append(f"after all was undone: {still}")
    say(f"{made} edits over {len(tables)} tables, {made - len(missed)} found")
    return missed


def _found(edit: Edit) -> bool:
    """Whether the walk finds this edit: each of its rows by name, or for the journal that something is wrong there."""
    rows = walking.rows_found()
    if edit.table in JOURNAL:
        return bool(rows)
    return set(edit.ids) <= {row.row_id for row in rows if row.relation == edit.table}
