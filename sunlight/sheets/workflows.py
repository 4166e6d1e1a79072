"""The states of a run that takes in a sheet. It moves with its job, so it has no table of moves."""

from sunlight.kernel.states import States


class ImportState(States):
    RUNNING = "RUNNING", "进行中", "blue"
    DONE = "DONE", "已完成", "green"
    ABANDONED = "ABANDONED", "已放弃"
