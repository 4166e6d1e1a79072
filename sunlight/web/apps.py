from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sunlight.web"
    label = "sunlight_web"
    verbose_name = "网页"

    def ready(self):
        from sunlight.jobs import definitions as jobs
        from sunlight.web import menu  # noqa: F401  fills menu and workbench
        from sunlight.web.lists import taking

        jobs.define(
            taking.KIND,
            label="导出列表",
            step=taking.step,
            abandoned=taking.abandoned,
            result_view="jobs:file",
            result_label="下载文件",
        )
