"""The life of a job: queued, run chunk by chunk, stopped and resumed, done or abandoned."""

from sunlight.kernel.machine import Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class JobState(States):
    QUEUED = "QUEUED", "排队中"
    RUNNING = "RUNNING", "进行中", "blue"
    STOPPING = "STOPPING", "正在停止"
    STOPPED = "STOPPED", "已停止"
    FAILED = "FAILED", "未能完成", "red"
    DONE = "DONE", "已完成", "green"
    ABANDONED = "ABANDONED", "已放弃"


S = JobState
# Whoever began a job, or the platform's administrator for anybody; the services see to it that it is their own.
PEOPLE = frozenset(Role)
SYSTEM = frozenset({Role.SYSTEM})

JOB = Machine(
    "job",
    S.QUEUED,
    (
        Move("take_up", {S.QUEUED}, S.RUNNING, by=SYSTEM, words="开始办理"),
        Move("stop", {S.QUEUED, S.RUNNING}, S.STOPPING, by=PEOPLE, words="停止"),
        Move("halt", {S.STOPPING}, S.STOPPED, by=SYSTEM, words="停下"),
        Move("resume", {S.STOPPED, S.FAILED}, S.QUEUED, by=PEOPLE, words="继续"),
        Move("fail", {S.QUEUED, S.RUNNING, S.STOPPING}, S.FAILED, by=SYSTEM, words="中止"),
        Move("finish", {S.RUNNING, S.STOPPING}, S.DONE, by=SYSTEM, words="完成"),
        Move("abandon", {S.STOPPED, S.FAILED}, S.ABANDONED, by=PEOPLE, words="放弃"),
    ),
)
WAITING = (S.QUEUED, S.RUNNING, S.STOPPING)
IDLE = (S.STOPPED, S.FAILED)
OVER = (S.DONE, S.ABANDONED)
