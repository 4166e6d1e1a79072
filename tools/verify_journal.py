#!/usr/bin/env python3
"""Verify an exported journal against checkpoints that were kept outside:

    python3 verify_journal.py EXPORT CHECKPOINTS... [--key KEY]... [--known-break TIME]...

EXPORT is what `manage.py journal_export` wrote. CHECKPOINTS are files with checkpoints as they were delivered: the workers'
`checkpoints.jsonl`, the portal's feed, webhooks' bodies, or mails saved as text. KEY is the platform's public key (44
characters in base64, or a file that holds them), had from the platform on paper, not from the same place as the checkpoints.

One file, the standard library of Python 3.11 and nothing else: neither Django nor the platform's code, which whoever rewrites
a journal might have rewritten too. The Ed25519 below only verifies and is therefore short. The formats: docs/formats.md.

Exit code 0: every row up to the last checkpoint is as it was then; what is newer is named. 1: something was changed.
2: nothing could be verified.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

FORMAT = "sunlight-journal/1"
GENESIS = "0" * 64
KINDS = ("event", "decision", "refusal")
# A transaction is over by far within this time; and so far two honest clocks may lie apart.
LATE, AHEAD = timedelta(hours=1), timedelta(minutes=5)

# --- Ed25519 (RFC 8032, 5.1), verifying only ------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _add(a: tuple, b: tuple) -> tuple:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _point(data: bytes) -> tuple | None:
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE = (_x_of(4 * pow(5, -1, P) % P, 0), 4 * pow(5, -1, P) % P, 1, 0)
BASE = (*BASE[:3], BASE[0] * BASE[1] % P)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the private half of `public` signed `message`."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    # s·B − k·A = R, both products in one go.
    minus = (P - a[0], a[1], 1, P - a[3])
    both, found = _add(BASE, minus), ZERO
    for bit in range(252, -1, -1):
        found = _add(found, found)
        which = (s >> bit & 1) | (k >> bit & 1) << 1
        if which:
            found = _add(found, (BASE, minus, both)[which - 1])
    return (found[0] - r[0] * found[2]) % P == 0 and (found[1] - r[1] * found[2]) % P == 0


# --- what was kept outside ------------------------------------------------------------------------------------------


class Unusable(Exception):
    """A file that cannot be read as what it should be."""


@dataclass
class Kept:
    """The checkpoints and accepted breaks of one platform."""

    checkpoints: list[dict] = field(default_factory=list)
    breaks: list[dict] = field(default_factory=list)


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def key_of(given: str) -> bytes:
    """A public key, as base64 or in a file. Raises Unusable."""
    path = Path(given)
    text = path.read_text().strip() if path.is_file() else given
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unusable(f"公钥“{given}”无法识别，应为 44 位 base64。") from error
    if len(raw) != 32:
        raise Unusable(f"公钥“{given}”无法识别，应为 44 位 base64。")
    return raw


def entries(path: Path) -> Iterator[dict]:
    """Every object in a file that says it is a checkpoint or a break, however it is wrapped."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        yield from _inside(json.loads(text))
    except ValueError:
        for line in text.splitlines():
            if "{" in line and "}" in line:
                try:
                    yield from _inside(json.loads(line[line.index("{") : line.rindex("}") + 1]))
                except ValueError:
                    continue


def _inside(value) -> Iterator[dict]:
    if isinstance(value, dict) and value.get("type") in ("checkpoint", "break"):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _inside(each)


def statement(entry: dict) -> bytes:
    """What an entry's signature is over."""
    lines = [f"sunlight-{entry['type']}/1", entry["platform"], str(int(entry["sequence"])), entry["chain_hash"]]
    lines += [entry["made_at"], entry["key_id"]] + ([entry["reason"]] if entry["type"] == "break" else [])
    return ("\n".join(lines) + "\n").encode()


def kept(paths: list[Path], keys: list[bytes], found: list[str]) -> dict[str, Kept]:
    """What is kept of each platform, in order of time; what nobody with the key signed goes among the findings."""
    platforms: dict[str, Kept] = {}
    seen: set[bytes] = set()
    for path in paths:
        for entry in entries(path):
            try:
                public, signature = base64.b64decode(entry["public_key"]), base64.b64decode(entry["signature"])
                holds = is_signed(public, statement(entry), signature) and (not keys or public in keys)
                holds = holds and hashlib.sha256(public).hexdigest()[:16] == entry["key_id"]
                moment(entry["made_at"])
            except (KeyError, TypeError, ValueError, binascii.Error):
                holds = False
            if not holds:
                found.append(
                    f"{path.name}：检查点 {entry.get('platform')} {entry.get('sequence')} 的签名不符，不是平台密钥所签"
                )
                continue
            if statement(entry) in seen:
                continue
            seen.add(statement(entry))
            mine = platforms.setdefault(entry["platform"], Kept())
            (mine.checkpoints if entry["type"] == "checkpoint" else mine.breaks).append(entry)
    for mine in platforms.values():
        mine.checkpoints.sort(key=lambda each: (moment(each["made_at"]), each["sequence"]))
        mine.breaks.sort(key=lambda each: moment(each["made_at"]))
    return platforms


# --- the journal ----------------------------------------------------------------------------------------------------


@dataclass
class Chain:
    """One platform's part of an export, as far as it was read."""

    platform: str
    platform_id: int
    wanted: dict[int, list[dict]]
    times: list[tuple[int, datetime]]
    sequence: int = 0
    chain_hash: str = GENESIS
    covered: dict | None = None
    broken_at: dict | None = None
    newer: int = 0
    newer_from: str = ""
    newer_to: str = ""
    unsealed: int = 0
    findings: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.findings.append(f"{self.platform}：{text}")


def begun(head: dict, mine: Kept, known: list[datetime]) -> Chain:
    """A chain about to be read, with the checkpoints it has to hold."""
    if head.get("format") != FORMAT:
        raise Unusable(f"导出文件的格式是 {head.get('format')!r}，应为 {FORMAT}。")
    chain = Chain(head["platform"], head["platform_id"], {}, [])
    for each in mine.breaks:
        text = f"{each['made_at']} 由平台确认从序号 {each['sequence']} 重新开始（{each['reason']}）"
        if moment(each["made_at"]) not in known:
            chain.say(f"{text}；此前更高的检查点不再核对，须查明原因，查明后以 --known-break 声明")
    for each in mine.checkpoints:
        at = moment(each["made_at"])
        if any(at < moment(b["made_at"]) and each["sequence"] > b["sequence"] for b in mine.breaks):
            continue
        chain.wanted.setdefault(each["sequence"], []).append(each)
        chain.times.append((each["sequence"], at))
    # A checkpoint dated ahead of later ones came by a clock that had jumped: nothing was late by it.
    chain.times.sort()
    for place in range(len(chain.times) - 2, -1, -1):
        sequence, at = chain.times[place]
        chain.times[place] = sequence, min(at, chain.times[place + 1][1])
    return chain


def take(chain: Chain, line: dict) -> None:
    """Check one sealed row: its text, its place, its link, and the checkpoints at its place."""
    sequence, kind, text = line["sequence"], line["kind"], line["row"]
    name = f"序号 {sequence}（{kind} {line['id']}）"
    if sequence != chain.sequence + 1:
        chain.say(f"序号中断：{chain.sequence} 之后是 {sequence}")
    if kind not in KINDS or text is None:
        chain.say(f"{name}：记录已不在库中")
    elif hashlib.sha256(text.encode()).hexdigest() != line["row_hash"]:
        chain.say(f"{name}：内容与封存时不同")
    else:
        _row(chain, name, line, json.loads(text))
    link = f"{chain.chain_hash}:{sequence}:{kind}:{line['id']}:{line['row_hash']}:{line['sealed_at']}"
    if hashlib.sha256(link.encode()).hexdigest() != line["chain_hash"]:
        chain.say(f"{name}：链哈希不符")
    chain.sequence, chain.chain_hash = sequence, line["chain_hash"]
    for checkpoint in chain.wanted.pop(sequence, []):
        if checkpoint["chain_hash"] != line["chain_hash"]:
            chain.broken_at = chain.broken_at or checkpoint
            last = f"序号 {chain.covered['sequence']}" if chain.covered else "链首"
            chain.say(
                f"与检查点 {sequence}（{checkpoint['made_at']}）不符：{last}之后、序号 {sequence} 及以前的记录被改动后重做"
            )
        elif chain.broken_at is None:
            chain.covered, chain.newer, chain.newer_from = checkpoint, 0, ""


def _row(chain: Chain, name: str, line: dict, row: dict) -> None:
    """What a row that is as it was sealed says of itself: where it belongs, and when it was written."""
    recorded, sealed = moment(row["recorded_at"]), moment(line["sealed_at"])
    if row["platform_id"] != chain.platform_id or row["id"] != line["id"]:
        chain.say(f"{name}：封存的是另一条记录")
    if recorded > sealed + AHEAD:
        chain.say(f"{name}：记录时间 {row['recorded_at']} 在封存时间 {line['sealed_at']} 之后，时钟跳变或伪造")
    while len(chain.times) > 1 and chain.times[1][0] < line["sequence"]:
        chain.times.pop(0)
    if chain.times and chain.times[0][0] < line["sequence"] and recorded < chain.times[0][1] - LATE:
        chain.say(f"{name}：记录时间 {row['recorded_at']} 早于已签发的检查点，是事后补入的")
    chain.newer += 1
    chain.newer_from, chain.newer_to = chain.newer_from or row["recorded_at"], row["recorded_at"]


def left(chain: Chain, line: dict) -> None:
    """A row that nobody sealed: one older than the last checkpoint was put in without the sealer, or kept from it."""
    chain.unsealed += 1
    at = json.loads(line["row"])["recorded_at"]
    last = max((time for _, time in chain.times), default=None)
    if last is not None and not last - LATE <= moment(at) <= last + timedelta(days=1):
        chain.say(f"{line['kind']} {line['id']}：记录时间 {at}，未封存，是绕过封存补入的")


def ended(chain: Chain) -> None:
    """What was cut off: checkpoints behind the last row."""
    for sequence in sorted(chain.wanted):
        made_at = chain.wanted[sequence][0]["made_at"]
        if sequence > chain.sequence:
            chain.say(f"检查点 {sequence}（{made_at}）之前的记录被截去：链只到序号 {chain.sequence}")
        elif sequence:
            chain.say(f"检查点 {sequence}（{made_at}）处没有记录")


def read(export: Path, platforms: dict[str, Kept], known: list[datetime]) -> list[Chain]:
    """Every platform's chain of an export. Raises Unusable."""
    chains, is_whole = [], True
    try:
        with export.open(encoding="utf-8") as lines:
            for text in lines:
                line = json.loads(text)
                if line["type"] == "journal":
                    is_whole = False
                    chains.append(begun(line, platforms.get(line["platform"], Kept()), known))
                elif line["type"] == "row":
                    take(chains[-1], line)
                elif line["type"] == "unsealed":
                    left(chains[-1], line)
                elif line["type"] == "end":
                    ended(chains[-1])
                    is_whole = True
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        raise Unusable(f"导出文件无法读取：{error!r}") from error
    if not chains or not is_whole:
        raise Unusable("导出文件不完整，请重新导出。")
    return chains


def verdict(chains: list[Chain], platforms: dict[str, Kept], found: list[str], say) -> int:
    """Say what was found and what is not covered; returns the exit code."""
    bare = []
    for chain in chains:
        found += chain.findings
        say(
            f"{chain.platform}：读到 {chain.sequence} 条封存记录，检查点 {len(platforms.get(chain.platform, Kept()).checkpoints)} 个。"
        )
        if chain.covered:
            say(f"  已由检查点 {chain.covered['sequence']}（{chain.covered['made_at']}）证明：此前没有改动。")
        elif chain.sequence:
            bare.append(chain.platform)
        if chain.newer:
            first = chain.covered["sequence"] + 1 if chain.covered else 1
            say(
                f"  尚未证明：序号 {first} 至 {chain.sequence}，记录时间 {chain.newer_from} 至 {chain.newer_to}，共 {chain.newer} 条。"
            )
        if chain.unsealed:
            say(f"  尚未封存：{chain.unsealed} 条。")
    for platform in sorted(set(platforms) - {chain.platform for chain in chains}):
        found.append(f"{platform}：有检查点，导出文件中却没有这个平台")
    for each in found:
        say(f"发现：{each}")
    if found:
        return 1
    if bare or not any(chain.covered for chain in chains):
        say(f"没有可用的检查点，不能证明：{'、'.join(bare) or '全部平台'}。")
        return 2
    say("没有发现改动。")
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--key", action="append", default=[], help="a public key of the platform")
    parser.add_argument("--known-break", action="append", default=[], help="time of a break that was looked into")
    asked = parser.parse_args(arguments)
    found: list[str] = []

    def say(text: str) -> None:
        sys.stdout.write(text + "\n")

    try:
        keys = [key_of(each) for each in asked.key]
        platforms = kept(asked.checkpoints, keys, found)
        chains = read(asked.export, platforms, [moment(each) for each in asked.known_break])
    except (Unusable, OSError, ValueError) as wrong:
        say(f"无法核验：{wrong}")
        return 2
    if not keys:
        say("没有给出 --key：签名只按检查点自带的公钥核对，不能证明是平台所签。")
    return verdict(chains, platforms, found, say)


if __name__ == "__main__":
    sys.exit(main())
