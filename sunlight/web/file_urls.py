from django.urls import path

from sunlight.web import files

app_name = "files"
urlpatterns = [
    path("", files.files, name="files"),
    path("<int:file_id>/", files.file, name="file"),
    path("<int:file_id>/for/<slug:noun>/<int:subject_id>/", files.through, name="through"),
]
