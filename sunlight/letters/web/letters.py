"""Letters on the pages: the list, one letter, its printed sheet, writing one."""

from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _

from sunlight.kernel.reading import whole_or
from sunlight.letters import queries, readers
from sunlight.letters.builtin import filled, unfilled
from sunlight.letters.services.writing import letter_write
from sunlight.letters.web.lists import LETTERS
from sunlight.letters.workflows import LETTER, OUT, WRITING, ExtensionState, LetterKind, LetterState
from sunlight.scope import Actor
from sunlight.scope.clock import business_date
from sunlight.scope.duties import barring
from sunlight.web.downloads import download
from sunlight.web.lists import list_page
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

TYPED = ("title", "text", "term_days")


@page(readers.LETTERS)
def letters(request):
    return list_page(request, LETTERS)


@page(readers.LETTERS)
def letter(request, letter_id: int):
    return letter_page(request, letter_id)


def letter_page(request, letter_id: int, refusal=None, typed=None):
    """One letter with what may be done about it; `typed` is shown again after a refusal."""
    actor, today = request.actor, business_date(clock(request))
    row = queries.access_letter(actor, letter_id)
    is_sender = queries.is_its_sender(actor, row)
    context = {
        "letter": row,
        "today": today,
        "is_late": row.due_on is not None and row.due_on < today and row.state in queries.WAITING,
        "is_sender": is_sender,
        "is_addressee": queries.is_its_addressee(actor, row),
        "subjects": _subjects(row),
        "about": queries.about_of(row),
        "answers": queries.answers_of(row),
        "openings": row.openings.order_by("id"),
        "extensions": queries.extensions_of(row),
        "steps": _steps(row, is_sender),
        "left": unfilled(row.title) + unfilled(row.text),
        "typed": {**_words(row), "note": "", "reason": "", "until": "", **(typed or {})},
        "refusal": refusal,
        **_may(actor, row, is_sender, today),
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "letters/letter.html", context, status=status)


def _words(row) -> dict:
    return {name: getattr(row, name) for name in ("title", "text", "term_days", "must_acknowledge", "must_answer")}


def _may(actor: Actor, row, is_sender: bool, today) -> dict[str, bool]:
    """What this person may do with the letter now."""

    def may(move: str) -> bool:
        return any(LETTER.may(row.state, move, role) for role in actor.roles)

    earlier = {"submit": row.submitted_by, "write": (row.written_by, row.edited_by)}
    answers = queries.may_answer(actor, row)
    waiting = queries.extensions_of(row).filter(state=ExtensionState.ASKED).first()
    in_time = row.due_on is not None and today <= row.due_on
    return {
        "may_edit": is_sender and may("edit"),
        "may_submit": is_sender and may("submit"),
        "may_send_back": is_sender and may("send_back"),
        "may_discard": is_sender and may("discard"),
        "may_send": is_sender and may("send") and barring(LETTER.move("send"), actor, earlier) is None,
        "may_close": is_sender and may("close"),
        "may_withdraw": is_sender and may("withdraw"),
        "may_decide": is_sender and waiting is not None and actor.has(*WRITING),
        "may_open": queries.is_its_addressee(actor, row)
        and not row.openings.filter(opened_by_kind="person", opened_by_id=actor.user_id).exists(),
        "may_acknowledge": answers
        and row.acknowledged_at is None
        and row.state in (LetterState.DELIVERED, LetterState.ESCALATED),
        "may_answer": answers and row.state in OUT,
        "may_ask": answers and in_time and waiting is None and row.state in OUT - {LetterState.ANSWERED},
    }


def _subjects(row) -> list[dict]:
    """The rows a letter is about, each with its page where there is one."""
    about, found = queries.about_of(row), []
    for number, each in enumerate(queries.subject_ids(row), start=1):
        try:
            url = reverse(about.url_name, args=[each]) if about and about.url_name else ""
        except NoReverseMatch:
            url = ""
        found.append({"number": number, "url": url})
    return found


def _steps(row, is_sender: bool) -> list[dict]:
    """What happened, in order of time; the drafting for the sender alone."""
    drafting = [
        (row.written_at, _("起草"), ""),
        (row.submitted_at, _("送签"), row.submitted_by_name),
    ]
    since = [
        (row.sent_at, _("签发"), row.sent_by_name),
        (row.nobody_there_at, _("无人接收，已告知发文单位"), ""),
        (row.delivered_at, _("送达消息中心"), ""),
        *((each.opened_at, _("查阅"), each.user_name) for each in row.openings.all()),
        (row.acknowledged_at, _("签收"), row.acknowledged_by_name),
        *((each.asked_at, _("申请延期"), each.asked_by_name) for each in row.extensions.all()),
        *((each.decided_at, _("决定延期申请"), "") for each in row.extensions.all()),
        *((each.answered_at, _("答复"), each.user_name) for each in row.answers.all()),
        (row.escalated_at, _("逾期未回应，转报负责人"), ""),
        (row.closed_at, _("办结"), ""),
        (row.withdrawn_at, _("撤回"), ""),
    ]
    told = [each for each in (drafting if is_sender else []) + since if each[0] is not None]
    return [{"at": at, "words": words, "who": who} for at, words, who in sorted(told, key=lambda each: each[0])]


@page(readers.LETTERS)
def letter_print(request, letter_id: int):
    """The sheet as it is printed: head, number, text, seal, day, hash."""
    row = queries.access_letter(request.actor, letter_id)
    return render(request, "letters/print.html", {"letter": row, "kind": LetterKind(row.kind)})


@page(readers.LETTERS)
def letter_seal(request, letter_id: int):
    file = queries.seal_of(request.actor, letter_id)
    return download(bytes(file.content), file.content_type, file.name)


@page(readers.DRAFTS, methods=("GET", "POST"))
def letter_new(request):
    """Write a letter: from the authority's template of its kind, else from the one built in."""
    actor, at = request.actor, clock(request)
    sent = request.POST if request.method == "POST" else request.GET
    kind = sent.get("kind") if sent.get("kind") in LetterKind.values() else LetterKind.LETTER.value
    wording, refusal = queries.wording(actor, kind, business_date(at)), None
    if request.method == "POST":
        made, refusal = attempt(
            request,
            lambda: letter_write(
                actor=actor, at=at, kind=kind, addressee_id=request.POST.get("addressee", ""), **typed_letter(request)
            ),
            done=_("公函已起草，请核对预览后送签。"),
        )
        if made is not None:
            return redirect("letters:letter", made.id)
    context = {
        "kinds": list(LetterKind),
        "kind": kind,
        "addressees": queries.addressees(actor),
        "typed": {**_prefilled(actor, wording, sent), **{name: sent[name] for name in TYPED if name in sent}},
        "refusal": refusal,
    }
    return render(request, "letters/new.html", context, status=STATUS_OF_KIND[refusal.kind] if refusal else 200)


def _prefilled(actor: Actor, wording, sent) -> dict:
    """The wording with what is known filled in."""
    chosen = whole_or(sent.get("addressee"), 0)
    addressee = queries.addressees(actor).filter(id=chosen).first()
    places = {"发文单位": actor.organisation_name}
    if addressee:
        places["收件单位"] = addressee.name
    if wording.term_days:
        places["期限"] = f"{wording.term_days}个工作日"
    return {
        "title": filled(wording.title, places),
        "text": filled(wording.text, places),
        "term_days": wording.term_days or "",
        "must_acknowledge": wording.must_acknowledge if "title" not in sent else "must_acknowledge" in sent,
        "must_answer": wording.must_answer if "title" not in sent else "must_answer" in sent,
        "addressee": chosen,
    }


def typed_letter(request) -> dict:
    """A letter's words and what it asks for, as typed into a form."""
    sent = request.POST
    return {
        "title": sent.get("title", ""),
        "text": sent.get("text", ""),
        "term_days": sent.get("term_days", ""),
        "must_acknowledge": sent.get("must_acknowledge") == "1",
        "must_answer": sent.get("must_answer") == "1",
    }


routes = [
    path("", letters, name="letters"),
    path("new/", letter_new, name="letter_new"),
    path("<int:letter_id>/", letter, name="letter"),
    path("<int:letter_id>/print/", letter_print, name="letter_print"),
    path("<int:letter_id>/seal/", letter_seal, name="letter_seal"),
]
