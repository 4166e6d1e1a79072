"""Work in the background."""

from sunlight.jobs.workflows import JobState
from sunlight.journal.declared import event, labels, subject

labels({"done": "已处理"})

JOB = subject("job", "后台任务", states=JobState, has_trace=False)
JOB_QUEUED = event("job_queued", "发起后台任务", JOB)
JOB_STOPPED = event("job_stopped", "停止后台任务", JOB)
JOB_RESUMED = event("job_resumed", "继续后台任务", JOB)
JOB_ABANDONED = event("job_abandoned", "放弃后台任务", JOB)
JOB_FAILED = event("job_failed", "后台任务未能完成", JOB)
JOB_FINISHED = event("job_finished", "后台任务完成", JOB)
