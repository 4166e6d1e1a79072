"""Keeping the overview's figures, and what those who watch found out; having the journal read again."""

from supervision.services.figures import figures_rebuild, figures_recompute
from supervision.services.findings import finding_decide, finding_note
from supervision.services.journal_checks import journal_check_start

__all__ = ["figures_rebuild", "figures_recompute", "finding_decide", "finding_note", "journal_check_start"]
