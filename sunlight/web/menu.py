"""Menu entries and to-dos of the pages that belong to the kits: files and background jobs."""

from datetime import date

from django.urls import reverse

from sunlight.files.readers import FILES
from sunlight.jobs.queries import failed_jobs
from sunlight.jobs.readers import JOBS
from sunlight.jobs.workflows import JobState
from sunlight.scope import Actor, Role
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("工作台", "单位文件", "files:files", *FILES, icon="file-text", order=30)
navigation.add("工作台", "后台任务", "jobs:jobs", *JOBS, icon="refresh", order=80)


@navigation.todo_provider
def job_todos(actor: Actor, today: date) -> list[Todo]:
    """Jobs that stand still, for whoever began them and for the platform's administrator."""
    page = (
        reverse("jobs:jobs")
        + ("?all=1&" if actor.has(Role.PLATFORM_SYSTEM_ADMIN) else "?")
        + f"state={JobState.FAILED}"
    )
    return [Todo("未能完成的后台任务，须继续或放弃", failed_jobs(actor).count(), page)]
