"""What Schemathesis loads in addition (SCHEMATHESIS_HOOKS): requests of the right form are made to mean something, by
ids and values that the caller's own lists show. Requests that are wrong on purpose stay as they are.

`SUNLIGHT_FUZZ_POOL` is a JSON file: name of a field or of a path's parameter -> values seen under it.
"""

import json
import os
import random
from pathlib import Path

import schemathesis
from schemathesis import GenerationMode

POOL: dict[str, list] = json.loads(Path(os.environ["SUNLIGHT_FUZZ_POOL"]).read_text("utf-8"))
DICE = random.Random(os.environ.get("SUNLIGHT_FUZZ_SEED", "1"))
# Of a hundred values, how many are replaced: what Schemathesis thinks of must go on being tried.
PATH, BODY = 80, 60


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    for name in list(case.path_parameters or {}):
        if (known := POOL.get(name)) and DICE.randrange(100) < PATH:
            case.path_parameters[name] = DICE.choice(known)
    if isinstance(case.body, dict) and DICE.randrange(100) < PATH:
        case.body = meant(case.body)


def meant(value, name: str = ""):
    """The same JSON, with values that were seen under the same names."""
    if isinstance(value, dict):
        return {key: meant(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [meant(each, name) for each in value]
    known = [each for each in POOL.get(name, ()) if type(each) is type(value)]
    return DICE.choice(known) if known and DICE.randrange(100) < BODY else value
