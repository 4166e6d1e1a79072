"""What must be there before anybody is admitted: regions and platforms."""

from datetime import datetime
from pathlib import Path

import yaml

from sunlight.acts import documents
from sunlight.journal.services import service
from sunlight.scope import Actor, Client, Role
from sunlight.scope.principal import SYSTEM
from sunlight.tenancy.models import Platform, Region

# Who sets a platform up before there is one.
BOOTSTRAP = Actor(
    kind=None,
    platform_id=None,
    principal=SYSTEM,
    user_name="安装",
    roles=frozenset({Role.SYSTEM}),
    client=Client(agent="setup"),
)


@service
def reference_load(*, actor: Actor, at: datetime) -> None:
    """Load regions and platforms from data/reference.yaml and from provinces that are one folder; rows that exist keep their switches. On a new platform drafts
    only warn, until its authority decides otherwise (A1)."""
    data = yaml.safe_load((Path(__file__).parent.parent / "data" / "reference.yaml").read_text(encoding="utf-8"))
    by_code: dict[str, Region] = {}
    more = documents()
    known = {row["code"] for row in data["regions"]}
    added = [{"code": code, "name": names["zh"]} for code, names in more.regions[1].items() if code not in known]
    for row in [*data["regions"], *sorted(added, key=lambda row: row["code"])]:
        parent = by_code.get(row["code"].rpartition("-")[0])
        by_code[row["code"]], _ = Region.objects.update_or_create(
            code=row["code"], defaults={"name": row["name"], "parent": parent}
        )
    for row in [*data["platforms"], *more.platforms]:
        Platform.objects.get_or_create(
            code=row["code"], defaults={"name": row["name"], "region": by_code[row["region"]]}
        )
