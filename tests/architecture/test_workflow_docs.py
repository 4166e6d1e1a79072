from pathlib import Path

from supervision.management.commands.workflows import machines, markdown

DOCS = Path(__file__).resolve().parents[2] / "docs" / "workflows.md"


def test_the_workflows_document_is_current():
    assert DOCS.read_text("utf-8") == markdown(), "run: manage.py workflows > docs/workflows.md"


def test_every_table_of_the_trade_is_in_it():
    names = {machine.name for _, machine in machines()}
    assert {
        "listing",
        "declaration",
        "offer",
        "contract",
        "order",
        "delivery",
        "acceptance",
        "invoice",
        "payable",
        "payment_run",
        "payment",
    } <= names
