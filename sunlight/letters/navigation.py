from datetime import date

from django.db.models import Min
from django.urls import reverse

from sunlight.letters import queries, readers
from sunlight.letters.workflows import SIGNING, WRITING, LetterState
from sunlight.scope import Actor
from sunlight.web import navigation
from sunlight.web.navigation import Todo

navigation.add("工作台", "公函", "letters:letters", *readers.LETTERS, icon="file-text", order=15)
navigation.add("工作台", "公函模板", "letters:letter_templates", *readers.TEMPLATES, icon="file-text", order=16)


@navigation.todo_provider
def letter_todos(actor: Actor, today: date) -> list[Todo]:
    """Letters to acknowledge and answer by their day; to approve; silent ones; extensions to decide."""
    if not readers.LETTERS.admits(actor):
        return []
    here = reverse("letters:letters")
    todos = []
    if not actor.roles.isdisjoint(readers.ANSWERING):
        received = queries.letters_received(actor)
        first = received.aggregate(first=Min("due_on"))["first"]
        todos.append(Todo("待签收或答复的公函", received.count(), f"{here}?waiting=1", first))
    if actor.has(*SIGNING):
        url = f"{here}?state={LetterState.SUBMITTED}"
        todos.append(Todo("待签发的公函", queries.letters_to_sign(actor).count(), url))
        url = f"{here}?state={LetterState.ESCALATED}"
        todos.append(Todo("逾期未回应的公函", queries.letters_silent(actor).count(), url))
    if actor.has(*WRITING):
        waiting = queries.extensions_to_decide(actor)
        todos.append(Todo("待决定的公函延期申请", waiting.count(), f"{here}?waiting=extension"))
    return todos
