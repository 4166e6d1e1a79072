"""The legal documents and every app's dated parameters, read once: `current_policy()`.

Parameters stand in `<app>/policy/*.yaml`; this module finds them by folder, so it imports no app. A province of plain
parameters is one folder, `provinces/<name>/`: its regions and platforms (`place.yaml`), its act (`act.yaml`), the clauses
(`clauses.yaml`) and its values of known parameters (`values.yaml`).
"""

import copy
import hashlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sunlight.kernel.policy import Policy, PolicyError
from sunlight.kernel.policyload import Document, load

ACTS = Path(__file__).resolve().parent
ROOT = ACTS.parent.parent


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key stated twice; the plain loader would take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise PolicyError(f"{node.start_mark.name}: {key} is stated twice")
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class Documents:
    """Every legal document as parsed, before it becomes a policy: what a draft amends."""

    regions: Document
    acts: tuple[Document, ...]
    clauses: tuple[Document, ...]
    parameters: tuple[Document, ...]
    # Of provinces that are one folder: code, name and region of each platform.
    platforms: tuple[dict[str, str], ...] = ()

    def policy(self) -> Policy:
        """What these documents say. Raises PolicyError."""
        return load(regions=self.regions, acts=self.acts, clauses=self.clauses, parameters=self.parameters)

    @property
    def sha256(self) -> str:
        """What tells these documents from others: a hash of all they say."""
        said = yaml.safe_dump([self.regions, *self.acts, *self.clauses, *self.parameters], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def read(path: Path) -> Document:
    """One YAML file with its name relative to the project. Raises PolicyError."""
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    return name, parse(path.read_text("utf-8"), name)


def parse(text: str, name: str) -> dict[Hashable, Any]:
    """A document's text; `name` starts every refusal. Raises PolicyError."""
    try:
        document = yaml.load(text, Loader=_StrictLoader)
    except yaml.YAMLError as error:
        raise PolicyError(f"{name}: no YAML: {error}") from error
    if not isinstance(document, dict):
        raise PolicyError(f"{name}: the document must be a mapping")
    return document


def parameter_files() -> list[Path]:
    """Every app's policy files, in a stable order."""
    return sorted([*ROOT.glob("*/policy/*.yaml"), *ROOT.glob("sunlight/*/policy/*.yaml")])


def province_folders() -> list[Path]:
    """Every province that is one folder, in a stable order."""
    return sorted(path.parent for path in ACTS.glob("provinces/*/place.yaml"))


def read_documents(parameters: Iterable[Path] | None = None, provinces: Iterable[Path] | None = None) -> Documents:
    """The shipped acts, the given parameter files and province folders (all by default). Raises PolicyError."""
    made = _shipped(parameters)
    for folder in province_folders() if provinces is None else provinces:
        made = _with_province(made, folder)
    return made


def _with_province(made: Documents, folder: Path) -> Documents:
    """The documents with a province's folder added. Raises PolicyError for a value of a parameter that is not known."""
    where, place = read(folder / "place.yaml")
    name, regions = made.regions
    if doubled := sorted(set(regions) & set(place["regions"])):
        raise PolicyError(f"{where}: {doubled[0]} is a region already")
    parameters = [(file, copy.deepcopy(document)) for file, document in made.parameters]
    home = {key: document for _, document in parameters for key in document}
    where, values = read(folder / "values.yaml")
    for key, rows in values.items():
        if key not in home:
            raise PolicyError(f"{where}: no parameter is called {key}")
        home[key][key]["values"] += rows
    return Documents(
        regions=(name, {**regions, **place["regions"]}),
        acts=(*made.acts, read(folder / "act.yaml")),
        clauses=(*made.clauses, read(folder / "clauses.yaml")),
        parameters=tuple(parameters),
        platforms=(*made.platforms, *place["platforms"]),
    )


def _shipped(parameters: Iterable[Path] | None) -> Documents:
    return Documents(
        regions=read(ACTS / "regions.yaml"),
        acts=tuple(read(path) for path in sorted(ACTS.glob("*.yaml")) if path.name != "regions.yaml"),
        clauses=tuple(read(path) for path in sorted((ACTS / "clauses").glob("*.yaml"))),
        parameters=tuple(read(path) for path in (parameter_files() if parameters is None else parameters)),
    )


def load_policy(parameters: Iterable[Path] | None = None) -> Policy:
    """The policy from the shipped acts and the given parameter files (all by default). Raises PolicyError."""
    return read_documents(parameters).policy()


@cache
def documents() -> Documents:
    """The documents this process's policy is made of."""
    return read_documents()


@cache
def fingerprint() -> str:
    """The hash of the documents this process runs under."""
    return documents().sha256


@cache
def current_policy() -> Policy:
    """The policy this process runs under: `policy.at(key, region=…, on=…)`, `policy.law(region=…, on=…)`."""
    return documents().policy()
