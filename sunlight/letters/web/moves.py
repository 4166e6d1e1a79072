"""What is done with a letter on its page, by its sender and by its addressee."""

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from sunlight.files.filetypes import MOST_UPLOAD_BYTES
from sunlight.journal.refusals import Invalid
from sunlight.letters import readers
from sunlight.letters.services import answering, sending, writing
from sunlight.letters.web.letters import letter_page, typed_letter
from sunlight.letters.workflows import ANSWERING, EXTENSION, LETTER
from sunlight.web.pages import attempt, clock, page

GRANTING = EXTENSION.move("grant").by


def _by(move: str):
    return LETTER.move(move).by


def _done(request, letter_id: int, service, done: str, **facts):
    """Make the call; back to the letter, with what was typed where it was refused."""
    made, refusal = attempt(
        request,
        lambda: service(actor=request.actor, at=clock(request), letter_id=letter_id, **facts),
        done=done,
    )
    if refusal is None:
        return redirect("letters:letter", letter_id)
    typed = {name: request.POST.get(name, "") for name in request.POST if name != "csrfmiddlewaretoken"}
    return letter_page(request, letter_id, refusal, typed)


@page(*_by("edit"), methods=("POST",))
def edit(request, letter_id: int):
    return _done(request, letter_id, writing.letter_edit, _("草稿已保存。"), **typed_letter(request))


@page(*_by("submit"), methods=("POST",))
def submit(request, letter_id: int):
    return _done(request, letter_id, writing.letter_submit, _("已送签，由另一位负责人签发。"))


@page(*_by("send_back"), methods=("POST",))
def send_back(request, letter_id: int):
    reason = request.POST.get("reason", "")
    return _done(request, letter_id, writing.letter_send_back, _("已退回修改。"), reason=reason)


@page(*_by("discard"), methods=("POST",))
def discard(request, letter_id: int):
    reason = request.POST.get("reason", "")
    return _done(request, letter_id, writing.letter_discard, _("草稿已作废。"), reason=reason)


@page(*_by("send"), methods=("POST",), step_up=True)
def send(request, letter_id: int):
    return _done(request, letter_id, sending.letter_send, _("公函已签发。"))


@page(*_by("close"), methods=("POST",))
def close(request, letter_id: int):
    return _done(request, letter_id, sending.letter_close, _("公函已办结。"), note=request.POST.get("note", ""))


@page(*_by("withdraw"), methods=("POST",))
def withdraw(request, letter_id: int):
    reason = request.POST.get("reason", "")
    return _done(request, letter_id, sending.letter_withdraw, _("公函已撤回。"), reason=reason)


@page(readers.LETTERS, methods=("POST",))
def opened(request, letter_id: int):
    """The receipt: the page of a letter sends it by itself when it is opened, because a GET writes nothing."""
    answering.letter_open(actor=request.actor, at=clock(request), letter_id=letter_id)
    if getattr(request, "htmx", False):
        return render(request, "letters/_opened.html")
    return redirect("letters:letter", letter_id)


@page(*ANSWERING, methods=("POST",))
def acknowledge(request, letter_id: int):
    return _done(request, letter_id, answering.letter_acknowledge, _("公函已签收。"))


@page(*ANSWERING, methods=("POST",))
def answer(request, letter_id: int):
    def call(**facts):
        return answering.letter_answer(text=request.POST.get("text", ""), files=_files(request), **facts)

    return _done(request, letter_id, call, _("答复已提交。"))


def _files(request) -> list[tuple[str, bytes]]:
    """The uploaded files, looked at by their size before a byte of them is read."""
    sent = request.FILES.getlist("files")
    if any(each.size > MOST_UPLOAD_BYTES for each in sent):
        most = MOST_UPLOAD_BYTES >> 20
        raise Invalid("file_too_large", f"文件超过 {most} MB，请压缩或拆分后重新上传。", field="files")
    return [(each.name, each.read()) for each in sent]


@page(*ANSWERING, methods=("POST",))
def extension_ask(request, letter_id: int):
    facts = {"until": request.POST.get("until", ""), "reason": request.POST.get("reason", "")}
    return _done(request, letter_id, answering.letter_extension_ask, _("延期申请已提交。"), **facts)


@page(*GRANTING, methods=("POST",))
def extension_decide(request, letter_id: int):
    facts = {"granted": request.POST.get("granted") == "1", "note": request.POST.get("note", "")}
    return _done(request, letter_id, answering.letter_extension_decide, _("已决定，并告知收件单位。"), **facts)


_LETTER = "<int:letter_id>/"
routes = [
    path(_LETTER + "edit/", edit, name="edit"),
    path(_LETTER + "submit/", submit, name="submit"),
    path(_LETTER + "send-back/", send_back, name="send_back"),
    path(_LETTER + "discard/", discard, name="discard"),
    path(_LETTER + "send/", send, name="send"),
    path(_LETTER + "close/", close, name="close"),
    path(_LETTER + "withdraw/", withdraw, name="withdraw"),
    path(_LETTER + "opened/", opened, name="opened"),
    path(_LETTER + "acknowledge/", acknowledge, name="acknowledge"),
    path(_LETTER + "answer/", answer, name="answer"),
    path(_LETTER + "extension/", extension_ask, name="extension_ask"),
    path(_LETTER + "extension/decide/", extension_decide, name="extension_decide"),
]
