"""What the catalogue does in the background."""

from catalog.services.releases import JOB, release_abandoned, release_step
from sunlight.jobs import definitions as jobs

jobs.define(JOB, label="导入国家目录", step=release_step, abandoned=release_abandoned, result_view="imports:run")
