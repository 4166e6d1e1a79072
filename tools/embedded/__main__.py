"""python -m tools.embedded demo|run|up|down|status|clean

demo [--port 8000]                            the pair, migrated and seeded, with web, worker and beat, until Ctrl-C
run [--tests] [--state-dir DIR] -- COMMAND…   the pair for as long as COMMAND runs; its exit code is ours
    --tests --in-memory                       its data in memory where there is room
up [--state-dir DIR]                          the pair in the background; prints export lines for eval
down, stop                                    ends it
status                                        says whether it runs, and where
clean                                         deletes its data
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools.embedded import demo, pair
from tools.embedded import place as places
from tools.embedded.errors import EmbeddedError
from tools.embedded.process import die_with_parent, tail

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SI_KERNEL = 128  # siginfo's si_code of a signal that a terminal's key sent: to the command too


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    durable = not options.tests
    state = places.state_folder(options.state_dir, durable=durable)
    for number in _ENDING:
        signal.signal(number, _leave)
    try:
        return options.do(options, state, durable)
    except EmbeddedError as error:
        print(f"tools.embedded: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.embedded", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for names, do in (
        (["demo"], show),
        (["run"], run),
        (["serve"], serve),
        (["up"], up),
        (["down", "stop"], down),
        (["status"], status),
        (["clean"], clean),
    ):
        command = commands.add_parser(names[0], aliases=names[1:])
        command.set_defaults(do=do)
        command.add_argument("--state-dir", help="default: .sunlight in the project, for --tests .sunlight/tests")
        command.add_argument("--tests", action="store_true", help="fast and forgetful: a power cut may lose the data")
        if do is show:
            command.add_argument("--port", type=int, default=8000)
        if do is run:
            command.add_argument("--keep", action="store_true", help="with --tests: keep the data for the next run")
            command.add_argument("--in-memory", action="store_true", help="with --tests: in memory where there is room")
            command.add_argument("command", nargs="+")
    return parser


def _leave(number: int, frame) -> None:
    raise SystemExit(128 + number)


def show(options, state: Path, durable: bool) -> int:
    return demo.demo(state, options.port)


def run(options, state: Path, durable: bool) -> int:
    with pair.running(state, durable=durable, keep=durable or options.keep, in_memory=options.in_memory) as servers:
        signal.pthread_sigmask(signal.SIG_BLOCK, {*_ENDING, signal.SIGCHLD})
        try:
            command = subprocess.Popen(
                options.command,
                env={**os.environ, **servers.for_commands},
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        except OSError as error:
            print(f"tools.embedded: {options.command[0]}: {error.strerror}", file=sys.stderr)
            return 127
        while command.poll() is None:
            signalled = signal.sigwaitinfo({*_ENDING, signal.SIGCHLD})
            if signalled.si_signo != signal.SIGCHLD and signalled.si_code != _SI_KERNEL:
                command.send_signal(signalled.si_signo)
        return command.returncode if command.returncode >= 0 else 128 - command.returncode


def serve(options, state: Path, durable: bool) -> int:
    """What `up` leaves in the background: the pair, until a signal comes; a server that ends by itself is started again."""
    with pair.running(state, durable=durable) as servers:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        while signal.sigtimedwait(_ENDING, 1.0) is None:
            for name in servers.revive():
                print(f"{name} had ended and was started again", flush=True)
    return 0


def up(options, state: Path, durable: bool) -> int:
    if pair.holder_of(state) is None:
        state.mkdir(parents=True, exist_ok=True)
        log = state / "serve.log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [sys.executable, "-m", "tools.embedded", "serve", "--state-dir", str(state)]
                + ([] if durable else ["--tests"]),
                cwd=places.PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while pair.holder_of(state) != server.pid or pair.announcement(state) is None:
            if server.poll() is not None:
                raise EmbeddedError(f"the servers did not start:\n{tail(log)}")
            time.sleep(0.05)
    return _print_exports(state)


def _print_exports(state: Path) -> int:
    addresses = pair.announcement(state)
    if addresses is None:
        raise EmbeddedError(f"the servers of {state} are starting or stopping: try again")
    for name, value in addresses.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def down(options, state: Path, durable: bool) -> int:
    holder = pair.holder_of(state)
    if holder is None:
        print(f"the servers of {state} do not run")
        return 0
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while pair.holder_of(state) == holder:
        if time.monotonic() > deadline:
            raise EmbeddedError(f"process {holder} has not stopped the servers of {state} after 60 s")
        time.sleep(0.05)
    print(f"the servers of {state} are stopped")
    return 0


def status(options, state: Path, durable: bool) -> int:
    holder = pair.holder_of(state)
    if holder is None:
        print(f"the servers of {state} do not run")
        return 3
    print(f"# the servers of {state} run under process {holder}")
    return _print_exports(state)


def clean(options, state: Path, durable: bool) -> int:
    if state.exists():
        with pair.locked(state):
            places.remove(state)
    print(f"the data of {state} are deleted")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
