"""What every app needs once, a module a block."""

from sunlight.blocks.models.approval import ApprovalAct, ApprovalChain, ApprovalDelegation, ApprovalRequest
from sunlight.blocks.models.jobs import Job, JobPart
from sunlight.blocks.models.kept import FilePart, IdempotentAnswer, ImportRun, RefusedRow, StoredFile
from sunlight.blocks.models.messages import Mail, MailAddress, Message, MessageReading, Notice
from sunlight.blocks.models.publicity import Objection, Publication
from sunlight.blocks.models.registration import Qualification, RegistrationApplication, RegistrationDocument
from sunlight.blocks.models.views import SavedView
from sunlight.blocks.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "ApprovalAct",
    "ApprovalChain",
    "ApprovalDelegation",
    "ApprovalRequest",
    "FilePart",
    "IdempotentAnswer",
    "ImportRun",
    "Job",
    "JobPart",
    "Mail",
    "MailAddress",
    "Message",
    "MessageReading",
    "Notice",
    "Qualification",
    "Objection",
    "Publication",
    "RefusedRow",
    "RegistrationApplication",
    "RegistrationDocument",
    "SavedView",
    "StoredFile",
    "Webhook",
    "WebhookDelivery",
]
