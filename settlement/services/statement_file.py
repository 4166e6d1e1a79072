"""A bank's statement, in whichever form its file comes: the bank's CSV or ISO 20022."""

from settlement.services.bank_file import StatementFile, read_csv
from settlement.services.bank_xml import is_xml, read_camt053


def read_statement(content: bytes) -> StatementFile:
    """The statement in `content`: CSV in UTF-8 or GB18030, or camt.053. Raises Invalid where it is not one, or not whole."""
    return read_camt053(content) if is_xml(content) else read_csv(content)
