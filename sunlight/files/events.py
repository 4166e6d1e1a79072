"""Kept files."""

from sunlight.journal.declared import event, labels, subject

labels({"visibility": "可见范围", "for_id": "所办事项", "for_noun": "事项类别"})

FILE = subject("file", "文件", has_trace=False)
FILE_OPENED = event("file_opened", "查阅单位的文件", FILE)
FILE_SHOWN = event("file_shown", "调整文件可见范围", FILE)
