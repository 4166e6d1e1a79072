"""Background jobs: your own with live progress, to stop and resume."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render

from sunlight.jobs import queries
from sunlight.jobs.readers import JOBS
from sunlight.jobs.services.jobs import job_abandon, job_resume, job_stop
from sunlight.jobs.services.parts import result_of
from sunlight.jobs.workflows import IDLE, WAITING, JobState
from sunlight.web.downloads import download_pieces
from sunlight.web.exports import XLSX
from sunlight.web.pages import attempt, clock, page


@page(JOBS)
def jobs(request):
    """Jobs one began, or with `?all=1` all that one may see, newest first."""
    everybodys = request.GET.get("all") == "1"
    rows = queries.jobs_visible_to(request.actor) if everybodys else queries.own_jobs(request.actor)
    state = request.GET.get("state", "")
    if state in JobState.values():
        rows = rows.filter(state=state)
    found = Paginator(rows, 20).get_page(request.GET.get("page"))
    shown = {
        "page": found,
        "jobs": [_shown(request, job) for job in found],
        "live": any(job.state in WAITING for job in found),
        "everybodys": everybodys,
        "state": state,
        "states": list(JobState),
    }
    return render(request, "jobs/_jobs.html" if request.htmx else "jobs/jobs.html", shown)


@page(JOBS)
def job(request, job_id: int):
    found = _shown(request, queries.access_job(request.actor, job_id))
    return render(request, "jobs/_job.html" if request.htmx else "jobs/job.html", {"each": found})


def _shown(request, job) -> dict:
    known = queries.definition(job)
    return {
        "job": job,
        "label": known.label if known else job.kind,
        "result_view": known.result_view if known and job.result_id else "",
        "result_label": known.result_label if known else "",
        "is_live": job.state in WAITING,
        "may_stop": job.state in (JobState.QUEUED, JobState.RUNNING) and queries.may_move(request.actor, job),
        "may_resume": job.state in IDLE and queries.may_move(request.actor, job),
        **queries.progress_of(job),
    }


@page(JOBS)
def file(request, job_id: int):
    """The file that came of a job, for whoever began it."""
    found = queries.access_job(request.actor, job_id)
    return download_pieces(result_of(request.actor, found), XLSX, f"{found.title}.xlsx")


@page(methods=("POST",))
def stop(request, job_id: int):
    return _move(request, job_id, job_stop, "已请求停止，当前一批处理完后停下；已完成的部分保留。")


@page(methods=("POST",))
def resume(request, job_id: int):
    return _move(request, job_id, job_resume, "已重新排队，将从停下的地方继续。")


@page(methods=("POST",))
def abandon(request, job_id: int):
    return _move(request, job_id, job_abandon, "任务已放弃。")


def _move(request, job_id: int, service, done: str):
    _, refusal = attempt(request, lambda: service(actor=request.actor, at=clock(request), job_id=job_id), done=done)
    if refusal is not None:
        raise refusal
    return redirect("jobs:job", job_id)
