"""What the workers remember outside the database: `checkpoints.jsonl`, one JSON object a line, only ever added to.

Whoever owns the database cannot take back what stands here. A line is a checkpoint, a break (somebody with the key accepted
that a chain goes on from an earlier place, after a restore) or an alarm.
"""

import fcntl
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

NAME = "checkpoints.jsonl"


@dataclass
class Memory:
    """What the file says of each platform, by its code: the highest checkpoint since the last break."""

    highest: dict[str, dict] = field(default_factory=dict)
    breaks: dict[str, dict] = field(default_factory=dict)

    def take(self, entry: dict) -> None:
        platform = entry.get("platform")
        if entry.get("type") == "break":
            self.breaks[platform] = self.highest[platform] = entry
        elif entry.get("type") == "checkpoint" and entry["sequence"] >= self.highest.get(platform, entry)["sequence"]:
            self.highest[platform] = entry


# The file as read so far: it only grows, so only what is new is read again. What a process has read it never forgets, even if
# the file is cut or gone.
_read: dict[Path, tuple[int, int, Memory]] = {}


def path() -> Path | None:
    """Where the file is; None where none is configured."""
    return Path(settings.CHECKPOINT_DIR) / NAME if settings.CHECKPOINT_DIR else None


def remembered() -> Memory:
    """What the file says; nothing where there is none. Raises OSError where it cannot be read and this process never could."""
    file = path()
    if file is None:
        return Memory()
    inode, begun, memory = _read.get(file, (0, 0, Memory()))
    try:
        stands = file.stat()
    except OSError as error:
        if file in _read or isinstance(error, FileNotFoundError):
            return memory
        raise
    if inode != stands.st_ino or stands.st_size < begun:
        begun = 0
    if stands.st_size > begun:
        with file.open("rb") as lines:
            lines.seek(begun)
            for line in lines:
                # One being written just now is read next time.
                if not line.endswith(b"\n"):
                    break
                begun += len(line)
                _take(memory, line)
    _read[file] = (stands.st_ino, begun, memory)
    return memory


def _take(memory: Memory, line: bytes) -> None:
    try:
        entry = json.loads(line)
        if isinstance(entry, dict):
            memory.take(entry)
    except (ValueError, KeyError, TypeError):
        # Torn by a process killed while it wrote; it is written again.
        return


def append(entries: list[dict]) -> None:
    """Add lines and wait until the disk has them. Does nothing where no folder is configured. Raises OSError."""
    file = path()
    if file is None or not entries:
        return
    text = "".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n" for entry in entries).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644), "rb+", buffering=0) as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        size = out.seek(0, os.SEEK_END)
        if size and os.pread(out.fileno(), 1, size - 1) != b"\n":
            text = b"\n" + text
        out.write(text)
        os.fsync(out.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
