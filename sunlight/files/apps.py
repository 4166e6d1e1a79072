from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "sunlight.files"
    label = "files"
    verbose_name = "文件"
