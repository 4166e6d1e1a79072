"""What every app needs once, a module a block."""

from sunlight.blocks.models.jobs import Job
from sunlight.blocks.models.kept import IdempotentAnswer, ImportRun, RefusedRow, StoredFile
from sunlight.blocks.models.messages import Mail, MailAddress, Message, MessageReading, Notice
from sunlight.blocks.models.views import SavedView

__all__ = [
    "IdempotentAnswer",
    "ImportRun",
    "Job",
    "Mail",
    "MailAddress",
    "Message",
    "MessageReading",
    "Notice",
    "RefusedRow",
    "SavedView",
    "StoredFile",
]
