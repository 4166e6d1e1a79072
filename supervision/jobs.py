"""What supervision does in the background."""

from sunlight.jobs import definitions as jobs
from supervision.queries.what_if.runs import KIND as WHAT_IF
from supervision.services.journal_checks import KIND, journal_check_step
from supervision.services.what_if.runs import what_if_step

jobs.define(KIND, label="日志核验", step=journal_check_step, result_view="supervision:journal_check")
jobs.define(WHAT_IF, label="政策试算", step=what_if_step, result_view="supervision:what_if")
