"""The whole platform on one machine: the pair, web, worker and beat, until Ctrl-C.

A child that crashes is reported with the end of its log and restarted, as an operator's service manager would do; one
that crashes three times within a minute stops the demo.
"""

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from tools.embedded import pair
from tools.embedded.errors import EmbeddedError
from tools.embedded.place import PROJECT
from tools.embedded.process import die_with_parent, rotate, tail

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CRASHES, _WITHIN = 3, 60.0  # seconds


@dataclass
class Child:
    name: str
    argv: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen | None = None
    ends: deque = field(default_factory=lambda: deque(maxlen=_CRASHES))

    def start(self) -> None:
        rotate(self.log)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill it with all it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def demo(state: Path, port: int) -> int:
    """Run until a signal comes (0) or a child will not stay up (1). Raises EmbeddedError when it cannot begin."""
    _check_port(port)
    with pair.running(state) as servers:
        environment = {**os.environ, **servers.environment, **_settings(state, port)}
        own = ", ".join(server.name for server in servers.started) or "DATABASE_URL, REDIS_URL"
        print(f"数据库和缓存就绪 ({own})", flush=True)
        _manage(environment, state, "数据库迁移", "migrate", "--no-input")
        key = Path(environment["SUNLIGHT_CHECKPOINT_KEY"])
        if not key.exists():
            key.parent.mkdir(exist_ok=True)
            _manage(environment, state, "检查点密钥", "checkpoint_key", "--make", str(key))
        _manage(environment, state, "基础数据", "load_reference")
        _manage(environment, state, "演示数据", "seed", "--if-empty")
        children = _children(state, port, environment)
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            for child in children:
                child.start()
            ending = _wait_for_page(port, children)
            if ending is None:
                return _blame(children)
            if ending:
                return 0
            _say_what_to_try(environment, state, port)
            return _watch(servers, children)
        finally:
            _stop(children)
            print("已全部停止 (all stopped)", flush=True)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EmbeddedError(
                f"port {port} of 127.0.0.1: {error.strerror}; take another: make demo PORT=8001"
            ) from None


def _settings(state: Path, port: int) -> dict[str, str]:
    # Kept, so that sessions outlive a restart of the demo.
    key = state / "secret_key"
    if not key.exists():
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return {
        "DJANGO_SETTINGS_MODULE": "sunlight.settings",
        "SUNLIGHT_DEMO": "1",
        "SUNLIGHT_SECRET_KEY": key.read_text(),
        "SUNLIGHT_CHECKPOINT_KEY": str(state / "checkpoints" / "key.pem"),
        "SUNLIGHT_CHECKPOINT_DIR": str(state / "checkpoints"),
        # What account owners would get on their phones stands on /demo/letters/.
        "SUNLIGHT_LETTER_DIRECTORY": str(state / "letters"),
        "SUNLIGHT_SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
    }


def _manage(environment: dict[str, str], state: Path, title: str, *words: str) -> None:
    log = state / "log" / f"{words[0]}.log"
    begun = time.monotonic()
    with log.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=PROJECT,
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    if done.returncode:
        raise EmbeddedError(f"manage.py {words[0]} failed; the end of {log}:\n{tail(log, 40)}")
    print(f"{title}完成 ({words[0]}, {time.monotonic() - begun:.1f} s)", flush=True)


def _children(state: Path, port: int, environment: dict[str, str]) -> list[Child]:
    module = [sys.executable, "-m"]
    commands = {
        # Threads: a browser's idle connection would hold up a sync worker.
        "web": ["gunicorn", "sunlight.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
        + ["--no-control-socket"],
        "worker": ["celery", "-A", "sunlight.celery", "worker", "--concurrency", "2", "--loglevel", "INFO"],
        "beat": ["celery", "-A", "sunlight.celery", "beat", "--loglevel", "INFO"]
        + ["--schedule", str(state / "beat"), "--pidfile="],
    }
    return [
        Child(name=name, argv=module + words, environment=environment, log=state / "log" / f"{name}.log")
        for name, words in commands.items()
    ]


def _wait_for_page(port: int, children: list[Child], seconds: float = 60) -> int | None:
    """0 when the login page answers, the signal's number when one came first, None when a child or the time ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not any(child.ended() for child in children):
        ending = signal.sigtimedwait(_ENDING, 0.1)
        if ending is not None:
            return ending.si_signo
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/login/")
            if connection.getresponse().status < 500:
                return 0
        except OSError:
            continue
        finally:
            connection.close()
    return None


def _blame(children: list[Child]) -> int:
    ended = [child for child in children if child.ended()] or children[:1]
    for child in ended:
        print(f"{child.name} 未能启动 (did not start); {child.log}:\n{tail(child.log, 40)}", file=sys.stderr)
    return 1


def _say_what_to_try(environment: dict[str, str], state: Path, port: int) -> None:
    subprocess.run([sys.executable, "manage.py", "demo_accounts"], cwd=PROJECT, env=environment, check=False)
    print(
        f"\n阳光交易 Sunlight  →  http://127.0.0.1:{port}/\n"
        f"日志 (logs): {state / 'log'}\n"
        f"按 Ctrl-C 停止 (stops all); 数据保留 (data are kept, `make clean` deletes them)",
        flush=True,
    )


def _watch(servers: pair.Servers, children: list[Child]) -> int:
    while signal.sigtimedwait(_ENDING, 0.5) is None:
        for name in servers.revive():
            print(f"{name} 意外结束，已重新启动 (had ended, started again)", flush=True)
        for child in children:
            if not child.ended():
                continue
            child.ends.append(time.monotonic())
            print(
                f"{child.name} 意外结束 (exit {child.process.returncode}); {child.log}:\n{tail(child.log)}", flush=True
            )
            if len(child.ends) == _CRASHES and child.ends[-1] - child.ends[0] < _WITHIN:
                print(f"{child.name} 一分钟内结束 {_CRASHES} 次，演示停止 (ended too often)", file=sys.stderr)
                return 1
            child.stop(time.monotonic())  # what it left behind
            child.start()
            print(f"{child.name} 已重新启动 (started again)", flush=True)
    return 0


def _stop(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + 10
    for child in children:
        child.stop(deadline)
