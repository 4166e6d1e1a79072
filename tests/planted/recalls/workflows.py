"""The life of a recall."""

from sunlight.kernel.states import States


class RecallState(States):
    ANNOUNCED = "ANNOUNCED", "已发布", "red"
    CLOSED = "CLOSED", "已结束"
