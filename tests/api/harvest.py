"""What a client sees of the demonstration, by name: the values its requests can be made of."""

import json
import re
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator

MOST = 40


def get(address: str, headers: dict[str, str]):
    """The JSON of a GET, None where there is none to see."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError:
        return None


def harvest(site: str, document: dict, headers: dict[str, str]) -> dict[str, list]:
    """Field or path parameter -> values, from every list the client may read and the first rows' own pages."""
    found: dict[str, dict] = defaultdict(dict)
    paths = document["paths"]
    for path in sorted(paths):
        if "{" in path or "get" not in paths[path]:
            continue
        answer = get(f"{site}{path}?limit=40", headers) or get(f"{site}{path}", headers)
        rows = answer.get("results", []) if isinstance(answer, dict) else []
        collection = path.rstrip("/").rpartition("/")[2]
        keep(answer, singular(collection), found)
        own = next((each for each in paths if re.fullmatch(re.escape(path) + r"\{(\w+)\}/", each)), None)
        parameter = re.search(r"\{(\w+)\}", own)[1] if own else None
        for place, row in enumerate(row for row in rows if isinstance(row, dict)):
            if "id" in row:
                for name in {parameter, *parameters(paths, path), singular(collection), collection} - {None}:
                    found[name][row["id"]] = None
            if own and "get" in paths[own] and place < 4 and "id" in row:
                keep(get(site + own.replace(f"{{{parameter}}}", str(row["id"])), headers), singular(collection), found)
    return {name: list(values)[:MOST] for name, values in found.items()}


def parameters(paths, collection: str) -> Iterator[str]:
    """The names under which the collection's rows stand in other paths."""
    for path in paths:
        if (rest := path.removeprefix(collection)) != path and (named := re.match(r"\{(\w+)\}", rest)):
            yield named[1]


def singular(name: str) -> str:
    plain = name.replace("-", "_")
    return f"{plain[:-3]}y" if plain.endswith("ies") else plain.removesuffix("s")


def keep(value, owner: str, found: dict[str, dict], name: str = "") -> None:
    """Every scalar under its name; a line's id under `<owner>_line` too."""
    if isinstance(value, dict):
        for key, each in value.items():
            keep(each, owner, found, key)
        if name == "lines" and "id" in value:
            found[f"{owner}_line"][value["id"]] = None
    elif isinstance(value, list):
        for each in value:
            keep(each, owner, found, name)
    elif value is not None and name:
        found[name][value] = None
