"""Who reads what of imports."""

from sunlight.scope.readers import EVERY_ROLE, Readers

# Each one's own: the report is its sender's.
IMPORT_RUNS = Readers(
    "import_run", EVERY_ROLE, faces=("imports:run", "imports:refused", "imports:marked", "imports:original")
)
