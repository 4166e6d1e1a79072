"""What every app needs once, a module a block."""

from sunlight.blocks.models.jobs import Job
from sunlight.blocks.models.kept import IdempotentAnswer, ImportRun, RefusedRow, StoredFile

__all__ = ["IdempotentAnswer", "ImportRun", "Job", "RefusedRow", "StoredFile"]
