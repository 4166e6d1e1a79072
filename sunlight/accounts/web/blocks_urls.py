"""Pages of the blocks; `accounts.urls` takes them in."""

from django.urls import path

from sunlight.accounts.web import files

urlpatterns = [
    path("files/", files.files, name="files"),
    path("files/<int:file_id>/", files.file, name="file"),
]
