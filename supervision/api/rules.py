"""The rule service over REST: public, without effect, the same functions a trade calls."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema

from sunlight import scope
from sunlight.api.permissions import ANYBODY
from sunlight.api.views import Endpoint
from sunlight.kernel.facts import BadFacts
from sunlight.kernel.rulebook import decide, dumps, loads
from sunlight.rules import RULES

_NAME = OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(RULES), description="规则名称")
_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("code", "path", "message")},
            "required": ["code", "path", "message"],
        }
    },
}
_ANSWER = {
    "type": "object",
    "properties": {
        "rule": {"type": "string"},
        "region": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "regulated": {"type": "boolean"},
        "allowed": {"type": "boolean", "nullable": True},
        "outcome": {"type": "object", "nullable": True},
        "reasons": {"type": "array", "items": {"type": "object"}},
        "parameters": {"type": "array", "items": {"type": "object"}},
    },
}
_REQUEST = {
    "type": "object",
    "required": ["region", "date", "facts"],
    "properties": {
        "region": {"type": "string", "example": "CN-GD-SZ"},
        "date": {"type": "string", "format": "date"},
        "drafts": {"type": "string", "enum": ["binding", "warn"]},
        "facts": {"oneOf": [rule.facts_record.schema() | {"title": rule.name} for rule in RULES.values()]},
    },
}


def _json(answer, status=200):
    return HttpResponse(dumps(answer), status=status, content_type="application/json; charset=utf-8")


def _described(rule):
    return {
        "name": rule.name,
        "title": rule.title,
        "sentence": rule.sentence,
        "where": rule.where,
        "clauses": rule.clauses,
        "facts": rule.facts_record.schema(),
        "outcome": rule.outcome_record.schema(),
    }


class RuleList(Endpoint):
    """All rules with the form of their facts."""

    authentication_classes = ()
    roles = {"GET": ANYBODY}

    @extend_schema(
        operation_id="rules_list",
        summary="规则清单",
        responses={200: {"type": "array", "items": {"type": "object"}}},
    )
    def get(self, request):
        return _json([_described(rule) for rule in RULES.values()])


class RuleAsk(Endpoint):
    """One rule, asked with plain facts for any region and date. Nothing is stored."""

    authentication_classes = ()  # a question changes nothing, so no session and no token matter
    roles = {"GET": ANYBODY, "POST": ANYBODY}

    @extend_schema(summary="规则说明", parameters=[_NAME], responses={200: {"type": "object"}, 422: _ERROR})
    def get(self, request, name):
        if name not in RULES:
            return _json({"error": BadFacts("unknown_value", "rule", f"没有这个规则：{name[:60]}").to_dict()}, 422)
        return _json(_described(RULES[name]))

    @extend_schema(
        summary="规则试算",
        parameters=[_NAME],
        request={"application/json": _REQUEST},
        responses={200: _ANSWER, 400: _ERROR, 413: _ERROR, 422: _ERROR},
    )
    def post(self, request, name):
        try:
            body = loads(request._request.body, "body")
        except RequestDataTooBig:
            return _json({"error": BadFacts("out_of_range", "body", "请求内容过大").to_dict()}, 413)
        except BadFacts as bad:
            return _json({"error": bad.to_dict()}, 400)
        try:
            if not isinstance(body, dict):
                raise BadFacts("wrong_type", "body", "请求须为 JSON 对象")
            if body.get("rule") not in (None, name):
                raise BadFacts("unknown_value", "rule", "请求中的规则与地址不一致")
            return _json(decide(body | {"rule": name}, scope.policy(), RULES).to_dict())
        except BadFacts as bad:
            return _json({"error": bad.to_dict()}, 422)
