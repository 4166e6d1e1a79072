"""What an order to the bank says, in one form: the file is written from it and its hash is taken over it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class OrderLine:
    """One payment: its platform number, the payee's account, the amount in fen."""

    number: str
    payee: str
    bank: str
    bank_code: str
    account: str
    fen: int
    purpose: str


@dataclass(frozen=True)
class Order:
    number: str
    payer_name: str
    payer_bank_name: str
    payer_bank_code: str
    payer_account: str
    total_fen: int
    lines: tuple[OrderLine, ...]


def content_of(order: Order) -> dict:
    """The canonical content of an order: everything the bank acts on. Its hash is SHA-256 over this as JSON with sorted
    keys, no spaces, UTF-8."""
    return {"form": "sunlight-instruction/1", "currency": "CNY", **asdict(order)}
