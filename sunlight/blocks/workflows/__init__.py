"""The states of what the blocks keep, a module a block."""

from sunlight.blocks.workflows.approval import APPROVAL, ApprovalState
from sunlight.blocks.workflows.jobs import JOB, JobState
from sunlight.blocks.workflows.messages import MAIL, NOTICE, MailState, NoticeState
from sunlight.blocks.workflows.publicity import OBJECTION, PUBLICATION, ObjectionState, PublicationState
from sunlight.blocks.workflows.registration import QUALIFICATION, REGISTRATION, QualificationState, RegistrationState

__all__ = [
    "APPROVAL",
    "ApprovalState",
    "JOB",
    "MAIL",
    "NOTICE",
    "OBJECTION",
    "PUBLICATION",
    "QUALIFICATION",
    "REGISTRATION",
    "JobState",
    "MailState",
    "NoticeState",
    "ObjectionState",
    "PublicationState",
    "QualificationState",
    "RegistrationState",
]
