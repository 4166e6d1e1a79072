import json
import re
from pathlib import Path

import pytest

from tools.embedded import EmbeddedError, assets
from tools.embedded.place import PROJECT

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none"
 stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" class="icon">
  <path stroke="none" d="M0 0h24v24H0z" fill="none" /><path d="M5 12l5 5l10 -10" /></svg>"""


def test_a_sprite_has_one_symbol_per_name_without_the_invisible_frame(tmp_path: Path):
    (tmp_path / "check.svg").write_text(DRAWING)
    made = assets.sprite(["check"], tmp_path).decode()
    assert re.findall(r' id="([^"]+)"', made) == ["check"]
    assert 'stroke="currentColor"' in made
    assert re.findall(r' d="([^"]+)"', made) == ["M5 12l5 5l10 -10"]


def test_an_icon_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(EmbeddedError, match="no-such-icon"):
        assets.sprite(["no-such-icon"], tmp_path)


def test_the_lock_pins_every_package_by_hash_and_names_no_registry():
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    wanted = packages.pop("")["dependencies"]
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


@pytest.mark.parametrize(
    "content", [b"a{b:c}\n/*# sourceMappingURL=x.min.css.map */\n", b"a{b:c}\n//# sourceMappingURL=x.map", b"a{b:c}\n"]
)
def test_source_maps_are_not_asked_for(content):
    assert assets.without_source_map(content).strip() == b"a{b:c}"
