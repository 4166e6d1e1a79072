"""A bank statement of the supervised account as a bank's export writes it; the format is in docs/formats.md."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

HEADINGS = ("交易流水号", "交易日期", "收支方向", "交易金额", "账户余额", "对方户名", "对方账号", "附言")


@dataclass(frozen=True)
class Movement:
    """One booking; `fen` above zero comes in, below zero goes out."""

    on: date
    fen: int
    name: str = ""
    account: str = ""
    reference: str = ""
    serial: str = ""


def statement(
    *,
    account: str,
    number: str,
    start: date,
    end: date,
    movements: Sequence[Movement],
    opening_fen: int = 0,
    owner: str = "医用耗材交易监管账户",
    encoding: str = "gb18030",
) -> bytes:
    """The statement file: header block, headings, one line a movement with its running balance."""
    closing = opening_fen + sum(m.fen for m in movements)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows(
        [
            ("账号", account),
            ("户名", owner),
            ("币种", "人民币"),
            ("对账单号", number),
            ("起始日期", f"{start:%Y%m%d}"),
            ("截止日期", f"{end:%Y%m%d}"),
            ("期初余额", _yuan(opening_fen)),
            ("期末余额", _yuan(closing)),
            ("明细笔数", len(movements)),
            HEADINGS,
        ]
    )
    balance = opening_fen
    for index, move in enumerate(movements, start=1):
        balance += move.fen
        writer.writerow(
            (
                move.serial or f"{number}{index:06d}",
                f"{move.on:%Y%m%d}",
                "收" if move.fen > 0 else "支",
                _yuan(abs(move.fen)),
                _yuan(balance),
                move.name,
                move.account,
                move.reference,
            )
        )
    return out.getvalue().encode(encoding)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
