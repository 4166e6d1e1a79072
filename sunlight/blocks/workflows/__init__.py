"""The states of what the blocks keep, a module a block."""

from sunlight.blocks.workflows.jobs import JOB, JobState

__all__ = ["JOB", "JobState"]
