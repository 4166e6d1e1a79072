"""What supervision does in the background."""

from sunlight.jobs import definitions as jobs
from supervision.services.journal_checks import KIND, journal_check_step

jobs.define(KIND, label="日志核验", step=journal_check_step, result_view="supervision:journal_check")
