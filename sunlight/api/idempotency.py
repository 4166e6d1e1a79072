"""One effect per (organisation, route, Idempotency-Key): a repeated POST gets the first answer."""

import base64
import functools
import hashlib
import json
from collections.abc import Callable

from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from sunlight import scope
from sunlight.answers.services import answer_find, answer_keep
from sunlight.api.errors import problem_of
from sunlight.journal.refusals import Conflict, Invalid, Refused, invalid_of
from sunlight.kernel.crypto import CryptoError
from sunlight.kernel.reading import Unreadable
from sunlight.scope import Actor
from sunlight.tenancy import sealing

LONGEST_KEY = 200
# Under which name a kept answer holds its sealed text.
SEALED = "sealed"


def idempotent(handler):
    """Wrap a POST handler. First the lock, so that a second request meanwhile is refused (409); then key, effect and
    answer in one transaction. The same key with another body is refused (422)."""

    @functools.wraps(handler)
    def post(view, request, *args, **kwargs):
        key = request.headers.get("Idempotency-Key")
        actor = request._request.actor
        if key is None or actor.organisation_id is None:
            return handler(view, request, *args, **kwargs)
        route, digest = request.path[:200], _digest(request)
        act = functools.partial(handler, view, request, *args, **kwargs)
        return answer_once(actor, route, key, digest, act, tells_secret=view.tells_secret)

    post.is_idempotent = True
    return post


def answer_once(
    actor: Actor, route: str, key: str, digest: str, act: Callable[[], Response], *, tells_secret: bool = False
) -> Response:
    """`act()`, or the answer it gave before to the same organisation, route, key and body; an answer that contains a
    secret is stored sealed. Call it inside the transaction of the effect. Raises Conflict while the first is in flight,
    Invalid for another body."""
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid("idempotency_key_length", "Idempotency-Key 须为 1 至 200 个字符。", field="Idempotency-Key")
    _lock(f"{actor.platform_id}:{actor.organisation_id}:{route}:{key}")
    kept = answer_find(actor=actor, route=route, key=key)
    if kept is not None:
        return _again(kept, digest, _context(actor, route, key))
    try:
        response = act()
    except Refused as refusal:
        response = problem_of(refusal)
    except Unreadable as fault:
        response = problem_of(invalid_of(fault))
    # As the answer's own renderer writes it, so that times read the same when it is given again.
    answer = json.loads(JSONRenderer().render(response.data))
    if tells_secret:
        answer = _sealed(answer, _context(actor, route, key))
    answer_keep(
        actor=actor,
        at=scope.now(actor.platform_code),
        route=route,
        key=key,
        body_sha256=digest,
        status=response.status_code,
        answer=answer,
    )
    return response


def digest_of(data: object) -> str:
    """SHA-256 of a JSON body in canonical form."""
    return hashlib.sha256(json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def _lock(name: str) -> None:
    if not scope.alone("api.idempotency", name, wait=False, shared=True):
        raise Conflict("in_flight", "相同 Idempotency-Key 的请求正在处理，请稍后重试。", field="Idempotency-Key")


def _digest(request) -> str:
    """SHA-256 of what was asked: the JSON body in canonical form, or the uploaded fields and files."""
    digest = hashlib.sha256()
    data = request.data
    if request.FILES:
        for name in sorted(request.FILES):
            digest.update(name.encode())
            for chunk in request.FILES[name].chunks():
                digest.update(chunk)
            request.FILES[name].seek(0)
        data = {k: v for k, v in data.items() if k not in request.FILES}
    digest.update(json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True).encode())
    return digest.hexdigest()


def _context(actor: Actor, route: str, key: str) -> str:
    return f"answers_idempotentanswer:{actor.platform_id}:{actor.organisation_id}:{route}:{key}"


def _sealed(answer: object, context: str) -> dict:
    sealed, suite = sealing.seal(json.dumps(answer).encode(), context)
    return {SEALED: base64.b64encode(sealed).decode(), "suite": suite}


def _opened(answer: object, context: str) -> object:
    if not isinstance(answer, dict) or SEALED not in answer:
        return answer
    try:
        return json.loads(sealing.unseal(base64.b64decode(answer[SEALED]), context, answer["suite"]))
    except CryptoError as gone:
        raise Conflict(
            "answer_unreadable",
            "该请求此前已经生效，但平台的密钥已更换，首次应答中的密钥无法再给出。请轮换密钥取得新的。",
            field="Idempotency-Key",
        ) from gone


def _again(kept, digest: str, context: str) -> Response:
    if kept.body_sha256 != digest:
        raise Invalid(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于内容不同的请求。请为新请求使用新的键。",
            field="Idempotency-Key",
        )
    response = Response(_opened(kept.answer, context), status=kept.status)
    if kept.status >= 400:
        response.content_type = "application/problem+json"
    response["Idempotency-Replayed"] = "true"
    return response
