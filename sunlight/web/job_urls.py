from django.urls import path

from sunlight.web import jobs

app_name = "jobs"
urlpatterns = [
    path("", jobs.jobs, name="jobs"),
    path("<int:job_id>/", jobs.job, name="job"),
    path("<int:job_id>/file/", jobs.file, name="file"),
    path("<int:job_id>/stop/", jobs.stop, name="stop"),
    path("<int:job_id>/resume/", jobs.resume, name="resume"),
    path("<int:job_id>/abandon/", jobs.abandon, name="abandon"),
]
