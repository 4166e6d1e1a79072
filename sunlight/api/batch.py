"""Many operations of one kind in one call, each with its own answer, transaction and Idempotency-Key.

    class OfferBatch(Batch):
        '''Offers by the hundred.'''
        one = OfferList          # whose `post` is made for each operation
        roles = {"POST": BUYERS}

A refusal or failure of one operation affects no other. A batch that broke in the middle is sent again as it is:
what was answered is answered again, the rest is done.
"""

import json
import logging
from types import SimpleNamespace

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from sunlight import scope
from sunlight.api.errors import handle, problem
from sunlight.api.idempotency import LONGEST_KEY, answer_once, digest_of
from sunlight.api.serializers import StrictSerializer, Text
from sunlight.api.views import Endpoint
from sunlight.journal.refusals import Invalid, Refused
from sunlight.kernel.reading import Unreadable

MOST = 100
log = logging.getLogger("sunlight.api")


class Operation(StrictSerializer):
    """`body` as the single call takes it."""

    idempotency_key = Text(max_length=LONGEST_KEY)
    body = serializers.DictField()


class BatchBody(StrictSerializer):
    operations = Operation(many=True, min_length=1, max_length=MOST)


def batch_request(name: str, body: type[serializers.Serializer]):
    """The description of a batch of `body`."""
    operation = inline_serializer(
        f"{name}Operation", {"idempotency_key": Text(max_length=LONGEST_KEY), "body": body()}, many=True
    )
    operation.min_length, operation.max_length = 1, MOST
    return inline_serializer(f"{name}Batch", {"operations": operation})


def batch_answer(name: str):
    """The description of a batch's answer: `body` is what the single call answers, or its problem."""
    result = inline_serializer(
        f"{name}Result",
        {
            "idempotency_key": serializers.CharField(),
            "status": serializers.IntegerField(help_text="这一笔的 HTTP 状态码"),
            "replayed": serializers.BooleanField(help_text="此前已处理，返回首次结果"),
            "body": serializers.JSONField(),
        },
        many=True,
    )
    fields = {"succeeded": serializers.IntegerField(), "refused": serializers.IntegerField(), "results": result}
    return inline_serializer(f"{name}BatchAnswer", fields)


class Batch(Endpoint):
    """`one`: the endpoint whose `post` takes a single operation; its route is `path_of_one`, so that the single call and
    the batch share their keys."""

    opens_own_scopes = True
    one: type[Endpoint]

    def run(self, request) -> Response:
        operations = BatchBody.read(request)["operations"]
        keys = [operation["idempotency_key"] for operation in operations]
        if len(keys) != len(set(keys)):
            raise Invalid("idempotency_key_twice", "同一批次中 idempotency_key 不能重复。", field="operations")
        self.spend(len(operations) - 1)
        results = [self._answer(operation) for operation in operations]
        succeeded = sum(result["status"] < 400 for result in results)
        return Response({"succeeded": succeeded, "refused": len(results) - succeeded, "results": results})

    def _answer(self, operation: dict) -> dict:
        key = operation["idempotency_key"]
        try:
            with scope.opened(self.actor):
                response = self._single(key, operation["body"])
        except (Refused, Unreadable, APIException) as refused:
            response = handle(refused, {})
        except Exception:  # the others' answers must still be given; this one is rolled back
            log.exception("an operation of a batch broke")
            response = problem(
                500, "unexpected", "处理这一笔时系统出错，未作任何改动。请以相同的 idempotency_key 重试。"
            )
        return {
            "idempotency_key": key,
            "status": response.status_code,
            "replayed": response.get("Idempotency-Replayed") == "true",
            "body": json.loads(JSONRenderer().render(response.data)),
        }

    def _single(self, key: str, body: dict) -> Response:
        view = self.one()
        view.request = self.request
        post = view.post.__wrapped__  # without its own idempotency: the key is the operation's
        route = self.request.path.removesuffix("batch/")
        given = SimpleNamespace(data=body, headers={})
        return answer_once(self.actor, route[:200], key, digest_of(body), lambda: post(view, given))
