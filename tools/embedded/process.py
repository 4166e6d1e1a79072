"""Start a server process that cannot outlive us, stop it, and find the ones that did anyway."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools.embedded.errors import EmbeddedError
from tools.embedded.place import User

_LOG_LIMIT = 10_000_000  # bytes; a longer log is put aside once, at start
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """A preexec function: the kernel sends the signal to the child when the thread that started it is gone, even by kill -9."""
    parent = os.getpid()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
            if os.getppid() != parent:  # gone before the request was heard
                os._exit(1)

    return prepare


def spawn(argv: list[str], *, user: User, log: Path, orphan_signal: int) -> subprocess.Popen:
    """Start a server as `user` in its own session (a terminal's Ctrl-C is ours to handle), output appended to `log`."""
    rotate(log)
    with log.open("ab") as out:
        return subprocess.Popen(
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            start_new_session=True,
            preexec_fn=die_with_parent(orphan_signal),
            **user.popen,
        )


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))


def wait_ready(process: subprocess.Popen, ready: Callable[[], bool], *, name: str, log: Path, seconds: float) -> None:
    """Return once `ready()` holds. Raises EmbeddedError with the log's tail when the process ends or the time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise EmbeddedError(
                f"{name} stopped while starting (exit {process.returncode}); the end of {log}:\n{tail(log)}"
            )
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{name} was not ready after {seconds:.0f} s; the end of {log}:\n{tail(log)}")
        time.sleep(0.02)


def stop(process: subprocess.Popen, signals: list[int], *, seconds: float) -> None:
    """Ask by each signal in turn, waiting up to `seconds` after each, then SIGKILL."""
    for number in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def leftovers(command: str, tag: str, user: User) -> list[int]:
    """Process ids of a former run's servers: that command, that owner, and this state folder's tag in the command line.

    A zombie has no command line and a reused pid has another one, so neither is taken for a server.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid != user.uid or (entry / "comm").read_text().strip() != command:
                continue
            if tag.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue  # it ended meanwhile
    return found


def end_leftovers(command: str, tag: str, user: User, *, first: int, seconds: float) -> None:
    """Stop a former run's servers; the caller holds the state folder's lock, so they are nobody's. Raises EmbeddedError."""
    for number, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        for pid in leftovers(command, tag, user):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not leftovers(command, tag, user):
                return
            time.sleep(0.02)
    if left := leftovers(command, tag, user):
        raise EmbeddedError(f"{command} of a former run does not stop (process {', '.join(map(str, left))})")


def tail(log: Path, lines: int = 20) -> str:
    if not log.exists():
        return "(nothing)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 65536))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
