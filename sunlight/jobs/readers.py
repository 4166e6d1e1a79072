"""Who reads what of background jobs."""

from sunlight.scope.readers import EVERY_ROLE, Readers

JOBS = Readers("job", EVERY_ROLE, faces=("api-jobs", "api-job"))
