"""Kept files."""

from sunlight.journal.declared import event, labels, subject

labels({"visibility": "可见范围"})

FILE = subject("file", "文件", has_trace=False)
FILE_SHOWN = event("file_shown", "调整文件可见范围", FILE)
