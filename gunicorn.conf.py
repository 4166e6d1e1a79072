"""Gunicorn reads this file from the working folder: one folder in which the workers of a server share their figures."""

import os
import shutil
import tempfile

# Before the application is imported: prometheus_client decides then how it counts.
_own = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _own:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="sunlight-metrics-")
_folder, _master = os.environ["PROMETHEUS_MULTIPROC_DIR"], os.getpid()


def child_exit(server, worker):
    """A worker that ended no longer counts as living; what it counted stays."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if _own and os.getpid() == _master:
        shutil.rmtree(_folder, ignore_errors=True)
