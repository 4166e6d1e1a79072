"""Random edits as a superuser, one at a time, triggers and foreign keys off: what somebody with every right might do.

`journal_edits(cursor, chance)` makes one and says in words what it did; other tables have functions of the same form. What no
edit touches, because it says nothing of what happened, is in `DERIVED`, which the drill prints.
"""

from random import Random

from sunlight.journal.sealer import KINDS

SEALED = tuple(f"journal_{kind}" for kind in KINDS)
# Tables and columns that nothing rests on: made anew, or only of use to the program.
DERIVED = {
    "journal_delivery": "the outbox: what a subscriber did is in its own rows",
    "journal_sealingmark": "how far back the sealer looks",
    "journal_checkpointdelivery": "where a checkpoint went: its receivers know better",
    "journal_seal.id": "a number that nothing refers to",
    "journal_eventreader.id": "a number that nothing refers to",
}


def journal_edits(cursor, chance: Random) -> str:
    """Edit the journal's tables once, so that something is different afterwards; returns what was done."""
    edit = chance.choice(
        [
            update,
            update,
            update,
            delete,
            insert,
            exchange,
            cut,
            restore,
            move_seals,
            update_seal,
            edit_checkpoint,
            edit_reader,
        ]
    )
    return edit(cursor, chance)


def columns(cursor, table: str) -> dict[str, str]:
    """Column → type, without those nothing rests on."""
    cursor.execute(
        "select attname, format_type(atttypid, null) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        [table],
    )
    return {name: kind for name, kind in cursor.fetchall() if f"{table}.{name}" not in DERIVED}


def some(cursor, chance: Random, table: str, count: int = 1, where: str = "true") -> list[int]:
    if table in SEALED:
        # What is newer than the last seal is the interval that the verifier prints.
        where += f" and id in (select {table.removeprefix('journal_')}_id from journal_seal)"
    cursor.execute(f"select id from {table} where {where} order by id")
    ids = [number for (number,) in cursor.fetchall()]
    return chance.sample(ids, count)


def changed(name: str, kind: str, chance: Random) -> str:
    """An expression for another value of a column."""
    by = chance.randint(1, 50)
    return {
        "bigint": f"coalesce({name}, 0) + {by} * 1000000",
        "integer": f"coalesce({name}, 0) + {by}",
        "boolean": f"{name} is not true",
        "date": f"{name} - {by}",
        "timestamp with time zone": f"{name} - interval '{by} seconds'",
        "jsonb": f"""coalesce({name}, '{{}}') || jsonb_build_object('line', {by})"""
        if chance.random() < 0.5
        else f"to_jsonb('改 {by}'::text)",
        "bigint[]": f"{name} || {by}::bigint",
        "character varying[]": f"{name} || 'X{by}'::varchar",
    }.get(
        kind,
        f"left(coalesce({name}, '') || 'x', 1) || '{by:02d}'"
        if by % 2
        else f"reverse(coalesce({name}, '')) || '{by % 10}'",
    )


def update(cursor, chance: Random) -> str:
    table = chance.choice(SEALED)
    name, kind = chance.choice(list(columns(cursor, table).items()))
    (number,) = some(cursor, chance, table)
    cursor.execute(f"update {table} set {name} = {changed(name, kind, chance)} where id = {number}")
    return f"update {table}.{name} of {number}"


def delete(cursor, chance: Random) -> str:
    table = chance.choice(SEALED)
    (number,) = some(cursor, chance, table)
    with_seal = chance.random() < 0.5
    if with_seal:
        cursor.execute(f"delete from journal_seal where {table.removeprefix('journal_')}_id = {number}")
    cursor.execute(f"delete from {table} where id = {number}")
    return f"delete {table} {number}{' and its seal' if with_seal else ''}"


def insert(cursor, chance: Random) -> str:
    """A copy of a row, dated back, past the sealer."""
    table = chance.choice(SEALED)
    (number,) = some(cursor, chance, table)
    days = chance.randint(2, 400)
    cursor.execute(
        f"insert into {table} select (jsonb_populate_record(r, jsonb_build_object('id', {10_000_000 + number},"
        f" 'recorded_at', r.recorded_at - interval '{days} days'))).* from {table} r where id = {number}"
    )
    return f"insert a copy of {table} {number}, {days} days earlier"


def exchange(cursor, chance: Random) -> str:
    """Two rows change places, or one what it says."""
    table = chance.choice(SEALED)
    one, other = some(cursor, chance, table, 2)
    cursor.execute(f"update {table} set id = -id where id = {one}")
    cursor.execute(f"update {table} set id = {one} where id = {other}")
    cursor.execute(f"update {table} set id = {other} where id = -{one}")
    return f"exchange {table} {one} and {other}"


def cut(cursor, chance: Random) -> str:
    """The end of the chain, with all it sealed and with the checkpoints in the database."""
    cursor.execute(
        "select min(sequence), max(sequence) from journal_seal where sequence <= (select max(sequence) from journal_checkpoint)"
    )
    low, high = cursor.fetchone()
    left = chance.randint(low, high - 1)
    for table in SEALED:
        cursor.execute(
            f"delete from {table} where id in (select {table.removeprefix('journal_')}_id from journal_seal where sequence > {left})"
        )
    cursor.execute(f"delete from journal_eventreader where sequence > {left}")
    cursor.execute(f"delete from journal_checkpoint where sequence > {left}")
    cursor.execute(f"delete from journal_seal where sequence > {left}")
    return f"cut off behind {left}"


def restore(cursor, chance: Random) -> str:
    """A row as another one is, as if it came from an older backup; its own number kept."""
    table = chance.choice(SEALED)
    one, other = some(cursor, chance, table, 2)
    cursor.execute(f"delete from {table} where id = {one}")
    cursor.execute(
        f"insert into {table} select (jsonb_populate_record(r, jsonb_build_object('id', {one}))).* from {table} r where id = {other}"
    )
    return f"restore {table} {one} from {other}"


def move_seals(cursor, chance: Random) -> str:
    one, other = some(cursor, chance, "journal_seal", 2)
    if chance.random() < 0.3:
        cursor.execute(f"delete from journal_seal where id = {one}")
        return f"delete seal {one}"
    cursor.execute(f"select sequence from journal_seal where id in ({one}, {other}) order by id = {other}")
    (first,), (second,) = cursor.fetchall()
    cursor.execute(f"update journal_seal set sequence = -1 where id = {one}")
    cursor.execute(f"update journal_seal set sequence = {first} where id = {other}")
    cursor.execute(f"update journal_seal set sequence = {second} where id = {one}")
    return f"exchange the places of seals {one} and {other}"


def update_seal(cursor, chance: Random) -> str:
    known = columns(cursor, "journal_seal")
    name = chance.choice([each for each in known if each not in ("event_id", "decision_id", "refusal_id")])
    (number,) = some(cursor, chance, "journal_seal")
    cursor.execute(f"update journal_seal set {name} = {changed(name, known[name], chance)} where id = {number}")
    return f"update journal_seal.{name} of {number}"


def edit_checkpoint(cursor, chance: Random) -> str:
    (number,) = some(cursor, chance, "journal_checkpoint")
    what = chance.choice(["update", "delete", "insert"])
    if what == "update":
        name, kind = chance.choice(list(columns(cursor, "journal_checkpoint").items()))
        cursor.execute(f"update journal_checkpoint set {name} = {changed(name, kind, chance)} where id = {number}")
        return f"update journal_checkpoint.{name} of {number}"
    if what == "delete":
        cursor.execute(f"delete from journal_checkpoint where id = {number}")
    else:
        cursor.execute(
            "insert into journal_checkpoint select (jsonb_populate_record(c, jsonb_build_object('id', 10000000 + c.id))).*"
            f" from journal_checkpoint c where id = {number}"
        )
    return f"{what} checkpoint {number}"


def edit_reader(cursor, chance: Random) -> str:
    (number,) = some(cursor, chance, "journal_eventreader")
    if chance.random() < 0.5:
        cursor.execute(f"delete from journal_eventreader where id = {number}")
        return f"delete reader {number}"
    name = chance.choice(["platform_id", "organisation_id", "sequence", "event_id"])
    cursor.execute(f"update journal_eventreader set {name} = {name} + 1000000 where id = {number}")
    return f"update journal_eventreader.{name} of {number}"
