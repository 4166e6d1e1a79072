"""Imported files."""

from sunlight.journal.declared import event, labels, subject
from sunlight.sheets.workflows import ImportState

labels({"held": "留待处理行数", "refused": "拒收行数", "taken": "接收行数", "total": "总数", "unchanged": "未变行数"})

IMPORT_RUN = subject("import_run", "导入记录", states=ImportState, has_trace=False)
IMPORT_FINISHED = event("import_finished", "文件导入完成", IMPORT_RUN)
