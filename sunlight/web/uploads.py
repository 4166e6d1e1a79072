"""Taking a file from a form: looked at by its size before a byte of it is read into memory."""

from sunlight.files.filetypes import MOST_UPLOAD_BYTES
from sunlight.journal.refusals import Invalid


def sent_file(request, field: str = "file", *, most_bytes: int = MOST_UPLOAD_BYTES):
    """The uploaded file of a form's field, not yet read. Raises Invalid where there is none or it is over the limit."""
    sent = request.FILES.get(field)
    if sent is None:
        raise Invalid("file_missing", "请先选择要上传的文件。", field=field)
    if sent.size > most_bytes:
        raise Invalid("file_too_large", f"文件超过 {most_bytes >> 20} MB，请压缩或拆分后重新上传。", field=field)
    return sent
