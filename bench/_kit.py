"""What the benches share: sizes, the processor time of a database backend, and the figures that `python bench` tabulates."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sunlight.settings")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

RESULTS = "SUNLIGHT_BENCH_RESULTS"
MISSED = 3


@dataclass(frozen=True)
class Size:
    """How many price groups, deals of two years, and rows of each shared table."""

    name: str
    groups: int
    deals: int
    rows: int


SIZES = {
    "S": Size("S", 20_000, 500_000, 50_000),
    "M": Size("M", 200_000, 5_000_000, 1_000_000),
    "L": Size("L", 1_000_000, 25_000_000, 5_000_000),
}


def size_asked() -> Size:
    """The size of the environment variable SIZE: S, M (where none is given) or L."""
    return SIZES[os.environ.get("SIZE", "M").upper()]


@dataclass(frozen=True)
class Figure:
    """A measured value beside its bound of the same run. `ratio` is what the goal is about, where there is one."""

    name: str
    value: str
    bound: str = ""
    ratio: float | None = None
    goal: float | None = None

    @property
    def holds(self) -> bool | None:
        return None if self.ratio is None or self.goal is None else self.ratio <= self.goal

    def line(self) -> str:
        verdict = {None: "", True: "holds", False: "DOES NOT HOLD"}[self.holds]
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        goal = "" if self.goal is None else f"<= {self.goal:g}"
        return f"{self.name:44} {self.value:>22}  {self.bound:34} {ratio:>8} {goal:>8}  {verdict}"


_failed = []


def figure(name: str, value: str, bound: str = "", *, ratio: float | None = None, goal: float | None = None) -> None:
    """Print a figure and keep it for the table at the end."""
    made = Figure(name, value, bound, ratio, goal)
    print(made.line(), flush=True)
    if made.holds is False:
        _failed.append(name)
    if path := os.environ.get(RESULTS):
        with Path(path).open("a") as file:
            file.write(json.dumps(asdict(made)) + "\n")


def outcome() -> int:
    """The exit code: MISSED where a goal was missed, which is not a program's own failure (1)."""
    return MISSED if _failed else 0


def load_text() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


@dataclass
class Spent:
    """Seconds on the clock, processor seconds of the database's backend, and of this process."""

    clock: float = 0.0
    server: float = 0.0
    client: float = 0.0

    def __str__(self):
        return f"{self.clock:.2f} s ({self.server:.2f} s CPU)"


def processor(pid: int) -> float:
    """Processor seconds of a process of this machine, to the nanosecond where the kernel tells; 0 where it is another's."""
    try:
        if (precise := int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])) > 0:
            return precise / 1e9
    except (OSError, ValueError, IndexError):
        pass
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def spent(pid: int = 0):
    """Yields a `Spent` that is filled at the end. On a shared machine clocks also measure the others; processor time
    does not."""
    found = Spent()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    clock, server, client = time.perf_counter(), processor(pid) if pid else 0.0, usage.ru_utime + usage.ru_stime
    yield found
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found.clock = time.perf_counter() - clock
    found.server = (processor(pid) if pid else 0.0) - server
    found.client = usage.ru_utime + usage.ru_stime - client


def measured(call: Callable, pid: int = 0):
    """(what it spent, what it gave)."""
    with spent(pid) as found:
        given = call()
    return found, given


def by_server(one: Spent, other: Spent) -> float:
    """Ratio of processor time in the database; of the clock where that is on another machine."""
    return one.server / other.server if one.server and other.server else one.clock / other.clock
