"""Official letters over the API, for both sides."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sunlight.api.answers import Party, page_of, rendered
from sunlight.api.moves import move_endpoint
from sunlight.api.serializers import RowId, StrictSerializer, Typed, WholeNumber
from sunlight.api.views import Endpoint, paged
from sunlight.journal.refusals import Invalid
from sunlight.letters import queries, readers
from sunlight.letters.services import answering, sending, writing
from sunlight.letters.workflows import ANSWERING, EXTENSION, LETTER, WRITING, LetterState

TERM = "Working days from delivery; null where nothing is asked for."


class LetterAnswerText(s.Serializer):
    text = s.CharField()
    answered_at = s.DateTimeField()
    user_name = s.CharField()


class LetterShown(s.Serializer):
    """A letter: `due_on` is the last day for what it asks, extension included; `text_sha256` of what was sent."""

    id = s.IntegerField()
    number = s.CharField()
    kind = s.CharField()
    sender = Party()
    addressee = Party()
    about = s.CharField()
    title = s.CharField()
    text = s.CharField()
    text_sha256 = s.CharField()
    state = s.CharField()
    must_acknowledge = s.BooleanField()
    must_answer = s.BooleanField()
    term_days = s.IntegerField(allow_null=True)
    due_on = s.DateField(allow_null=True)
    sent_at = s.DateTimeField(allow_null=True)
    delivered_at = s.DateTimeField(allow_null=True)
    acknowledged_at = s.DateTimeField(allow_null=True)
    answered_at = s.DateTimeField(allow_null=True)
    escalated_at = s.DateTimeField(allow_null=True)
    closed_at = s.DateTimeField(allow_null=True)
    withdrawn_at = s.DateTimeField(allow_null=True)
    withdraw_reason = s.CharField()
    version = s.IntegerField()


class LetterInFull(LetterShown):
    """With the rows it is about and the answers to it."""

    subject_ids = s.SerializerMethodField()
    answers = s.SerializerMethodField()

    def get_subject_ids(self, letter) -> list[int]:
        return queries.subject_ids(letter)

    @extend_schema(responses=LetterAnswerText(many=True))
    def get_answers(self, letter) -> list[dict]:
        return LetterAnswerText(queries.answers_of(letter), many=True).data


class LetterWords(StrictSerializer):
    """A draft's words and what it asks for."""

    title = Typed(max_length=200)
    text = Typed(max_length=10_000)
    term_days = WholeNumber(required=False, allow_null=True, default=None, help_text=TERM)
    must_acknowledge = s.BooleanField(required=False, default=True)
    must_answer = s.BooleanField(required=False, default=True)


class LetterBody(LetterWords):
    kind = Typed(max_length=16)
    addressee_id = RowId()


class LetterNothing(StrictSerializer):
    """No body."""


class LetterReason(StrictSerializer):
    reason = Typed(max_length=500)


class LetterNote(StrictSerializer):
    note = Typed(max_length=500)


class LetterAnswerBody(StrictSerializer):
    text = Typed(max_length=5_000)


class LetterExtensionBody(StrictSerializer):
    until = Typed(max_length=10, help_text="A day, 2026-08-31.")
    reason = Typed(max_length=500)


class LetterExtensionDecision(StrictSerializer):
    granted = s.BooleanField()
    note = Typed(required=False, allow_blank=True, default="", max_length=500)


def _shown(view: Endpoint, letter_id: int) -> dict:
    return LetterInFull(queries.access_letter(view.actor, letter_id)).data


class LetterList(Endpoint):
    """Letters to and from the caller's organisation, and what is its part of others'; newest first."""

    roles = {"GET": readers.LETTERS, "POST": WRITING}

    @extend_schema(
        summary="公函列表", parameters=[OpenApiParameter("state", str)], responses={200: page_of(LetterShown)}
    )
    def get(self, request):
        rows, state = queries.letters_visible_to(self.actor), request.query_params.get("state", "")
        if state and state not in LetterState.values():
            raise Invalid("state_unknown", "没有这种状态，请去掉 state 或换一个。", field="state")
        return paged(self, request, rows.filter(state=state) if state else rows, rendered(LetterShown))

    @extend_schema(summary="起草公函", request=LetterBody, responses={201: LetterInFull})
    def post(self, request):
        made = writing.letter_write(actor=self.actor, at=self.now, **LetterBody.read(request))
        return Response(_shown(self, made.id), status=201)


class LetterDetail(Endpoint):
    roles = {"GET": readers.LETTERS}

    @extend_schema(summary="一份公函", responses={200: LetterInFull})
    def get(self, request, letter_id):
        return Response(_shown(self, letter_id))


def _by(move: str):
    return LETTER.move(move).by


def _move(service, by, summary: str, body, *, step_up: bool = False, about: str = ""):
    def answer(view: Endpoint, row) -> dict:
        return _shown(view, getattr(row, "letter_id", row.id))

    return move_endpoint(
        service,
        by,
        summary,
        body=body,
        schema=LetterInFull,
        answer=answer,
        lock=queries.lock_letter,
        step_up=step_up,
        about=about,
    )


Edit = _move(writing.letter_edit, _by("edit"), "修改公函草稿", LetterWords)
Submit = _move(writing.letter_submit, _by("submit"), "公函送签", LetterNothing)
SendBack = _move(writing.letter_send_back, _by("send_back"), "公函退回修改", LetterReason)
Discard = _move(writing.letter_discard, _by("discard"), "作废公函草稿", LetterReason)
Send = move_endpoint(
    sending.letter_send,
    _by("send"),
    "签发公函",
    body=LetterNothing,
    schema=LetterInFull,
    answer=lambda view, row: _shown(view, row.id),
    lock=queries.lock_letter,
    step_up=True,
    about="By another person than who wrote or submitted it, in person.",
)
Close = _move(sending.letter_close, _by("close"), "办结公函", LetterNote)
Withdraw = _move(sending.letter_withdraw, _by("withdraw"), "撤回公函", LetterReason)
Open = _move(
    answering.letter_open,
    readers.LETTERS,
    "查阅公函（回执）",
    LetterNothing,
    about="The receipt: whoever reads a letter by the API says so; the first time counts.",
)
Acknowledge = _move(answering.letter_acknowledge, ANSWERING, "签收公函", LetterNothing)
Answer = _move(
    answering.letter_answer, ANSWERING, "答复公函", LetterAnswerBody, about="Files are attached on the letter's page."
)
AskMore = _move(answering.letter_extension_ask, ANSWERING, "申请公函延期", LetterExtensionBody)
DecideMore = _move(
    answering.letter_extension_decide, EXTENSION.move("grant").by, "决定公函延期申请", LetterExtensionDecision
)

_LETTER = "letters/<int:letter_id>/"
urlpatterns = [
    path("letters/", LetterList.as_view(), name="api-letters"),
    path(_LETTER, LetterDetail.as_view(), name="api-letter"),
    path(_LETTER + "edit/", Edit.as_view(), name="api-letter-edit"),
    path(_LETTER + "submit/", Submit.as_view(), name="api-letter-submit"),
    path(_LETTER + "send-back/", SendBack.as_view(), name="api-letter-send-back"),
    path(_LETTER + "discard/", Discard.as_view(), name="api-letter-discard"),
    path(_LETTER + "send/", Send.as_view(), name="api-letter-send"),
    path(_LETTER + "close/", Close.as_view(), name="api-letter-close"),
    path(_LETTER + "withdraw/", Withdraw.as_view(), name="api-letter-withdraw"),
    path(_LETTER + "open/", Open.as_view(), name="api-letter-open"),
    path(_LETTER + "acknowledge/", Acknowledge.as_view(), name="api-letter-acknowledge"),
    path(_LETTER + "answer/", Answer.as_view(), name="api-letter-answer"),
    path(_LETTER + "extension/", AskMore.as_view(), name="api-letter-extension"),
    path(_LETTER + "extension/decide/", DecideMore.as_view(), name="api-letter-extension-decide"),
]
