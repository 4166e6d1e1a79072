"""Pages and endpoints by the noun they show, from the URLconf: what may be compared with each other."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sunlight.api.permissions import ANYBODY
from sunlight.scope import Role
from tests.security.routes import PEOPLE, declaration, walk


@dataclass(frozen=True)
class Face:
    """A page or an endpoint that is read: its URL's name, the app it is of, and who may read it."""

    name: str
    app: str
    is_api: bool
    is_public: bool
    roles: frozenset[Role]
    is_form: bool = False

    @property
    def tail(self) -> str:
        """What it shows, without the app: `offers` for both `procurement:offers` and `api-offers`."""
        return self.name.rpartition(":")[2].removeprefix("api-").replace("-", "_")


def app_of(view) -> str:
    """`procurement` for everything in it and its rooms, `registration` for `sunlight.registration`."""
    parts = (getattr(view, "cls", None) or view).__module__.split(".")
    return parts[1] if parts[0] == "sunlight" else parts[0]


def faces() -> Iterator[Face]:
    """Everything that answers a GET."""
    for pattern, name, view in walk():
        said = declaration(view) or {}
        roles = said.get("GET")
        if roles is not None:
            is_public = roles == ANYBODY
            is_api = pattern.startswith("api/")
            app = app_of(view) if is_api else name.partition(":")[0]
            yield Face(
                name, app, is_api, is_public, PEOPLE if is_public else frozenset(roles), not is_api and "POST" in said
            )


def by_noun() -> dict[tuple[str, str], list[Face]]:
    """(app, what is shown) → its faces."""
    found = defaultdict(list)
    for face in faces():
        found[face.app, face.tail].append(face)
    return found
