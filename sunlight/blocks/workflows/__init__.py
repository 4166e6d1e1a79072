"""The states of what the blocks keep, a module a block."""

from sunlight.blocks.workflows.jobs import JOB, JobState
from sunlight.blocks.workflows.messages import MAIL, NOTICE, MailState, NoticeState

__all__ = ["JOB", "MAIL", "NOTICE", "JobState", "MailState", "NoticeState"]
