"""Messages of a bank, as ISO 20022 has them, for tests."""

from datetime import date
from xml.sax.saxutils import escape

from sunlight.kernel.money import fen_text

ACCOUNT = "622700000000000007"


def entry(
    serial: str,
    fen: int,
    on: date,
    *,
    end_to_end: str = "NOTPROVIDED",
    text: str = "",
    name: str = "",
    account: str = "",
    returned: str = "",
    why: str = "",
    currency: str = "CNY",
    more: str = "",
) -> str:
    """One entry of version 08: above zero money comes in."""
    side, other = ("CRDT", "Dbtr") if fen > 0 else ("DBIT", "Cdtr")
    parties = f"<{other}><Pty><Nm>{escape(name)}</Nm></Pty></{other}>" if name else ""
    parties += f"<{other}Acct><Id><Othr><Id>{account}</Id></Othr></Id></{other}Acct>" if account else ""
    said = f"<RmtInf><Ustrd>{escape(text)}</Ustrd></RmtInf>" if text else ""
    back = f"<RtrInf><Rsn><Cd>{returned}</Cd></Rsn><AddtlInf>{escape(why)}</AddtlInf></RtrInf>" if returned else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{fen_text(abs(fen))}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{on}</Dt></BookgDt><AcctSvcrRef>{serial}</AcctSvcrRef>"
        f"<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>"
        f"{f'<RltdPties>{parties}</RltdPties>' if parties else ''}{said}{back}</TxDtls></NtryDtls>{more}</Ntry>"
    )


def _balance(code: str, fen: int, on: date) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{fen_text(fen)}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def camt053(number: str, on: date, opening: int, closing: int, *entries: str, account: str = ACCOUNT) -> bytes:
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M{number}</MsgId><CreDtTm>{on}T18:00:00+08:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{number}</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>"
        f"{_balance('OPBD', opening, on)}{_balance('CLBD', closing, on)}{''.join(entries)}"
        f"</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def camt054(message: str, on: date, *entries: str, account: str = ACCOUNT) -> bytes:
    space = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}"><BkToCstmrDbtCdtNtfctn>'
        f"<GrpHdr><MsgId>{message}</MsgId><CreDtTm>{on}T12:00:00+08:00</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>{message}</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{''.join(entries)}"
        f"</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()
