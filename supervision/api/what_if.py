"""政策试算 over the API: an authority's drafts, a run made, its result read."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sunlight.api.answers import page_of, rendered
from sunlight.api.serializers import Day, RowId, StrictSerializer, Typed
from sunlight.api.views import Endpoint, paged
from supervision import readers
from supervision.queries.what_if import drafts as drafting
from supervision.queries.what_if import runs as queries
from supervision.rules.what_if.kinds import DIMENSIONS, Kind, Unjudged
from supervision.services.what_if.drafts import DRAFTING
from supervision.services.what_if.runs import what_if_start


class WhatIfBody(StrictSerializer):
    policy_draft = RowId(help_text="草案（甲）")
    other_policy_draft = RowId(required=False, allow_null=True, help_text="并列对照的草案（乙）")
    since = Day(help_text="期间起")
    until = Day(help_text="期间止")
    region = Typed(required=False, allow_blank=True, help_text="地区代码，不填为本部门所在地区")
    drafts = Typed(required=False, allow_blank=True, help_text="征求意见稿的效力：binding、warn，不填为与当时一样")


def _asked(body: dict) -> dict:
    """The body as the service takes it."""
    facts = dict(body)
    return facts | {"draft": facts.pop("policy_draft"), "other": facts.pop("other_policy_draft", None)}


class PolicyDraftAnswer(s.Serializer):
    """An edit is a value from a day, the end of a value, or an act's days and status."""

    id = s.IntegerField()
    code = s.CharField()
    title = s.CharField()
    region = s.CharField(source="region_code")
    status = s.CharField()
    edits = s.ListField(child=s.DictField())
    changed_at = s.DateTimeField()
    version = s.IntegerField()


class WhatIfListed(s.Serializer):
    id = s.IntegerField()
    drafts = s.ListField(child=s.CharField(), source="titles")
    region = s.CharField(source="region.code")
    since = s.DateField()
    until = s.DateField()
    started_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)


class WhatIfSumAnswer(s.Serializer):
    """What a draft (0 the first, 1 the other) changes in one way, by one key; money in fen."""

    side = s.IntegerField()
    kind = s.ChoiceField(choices=Kind.choices())
    kind_label = s.CharField()
    key = s.CharField(allow_blank=True)
    name = s.CharField(allow_blank=True)
    count = s.IntegerField()
    fen = s.IntegerField()
    saved_fen = s.IntegerField()
    days = s.IntegerField()


class WhatIfUnjudged(s.Serializer):
    why = s.ChoiceField(choices=Unjudged.choices())
    label = s.CharField()
    counts = s.ListField(child=s.IntegerField())


class WhatIfAnswer(WhatIfListed):
    """Each record is judged alone, without knock-on effects; sums of many keys hold the largest ten."""

    job = s.IntegerField(allow_null=True)
    totals = WhatIfSumAnswer(many=True)
    by = s.DictField(child=WhatIfSumAnswer(many=True))
    unjudged = WhatIfUnjudged(many=True)


def _sums(run, dimension: str) -> list[dict]:
    return [
        {
            "side": side,
            "kind": str(kind),
            "kind_label": str(kind.label),
            "key": row["key"],
            "name": row["name"],
            "count": each.count,
            "fen": each.fen,
            "saved_fen": each.saved_fen,
            "days": each.days,
        }
        for row in queries.by(run, dimension)
        for side, cell in enumerate(row["cells"])
        for kind, each in cell["kinds"]
    ]


def _answer(actor, run) -> dict:
    job = queries.job_of(actor, run)
    return WhatIfListed(run).data | {
        "job": job.id if job else None,
        "totals": _sums(run, "all"),
        "by": {dimension: _sums(run, dimension) for dimension in DIMENSIONS},
        "unjudged": [
            {"why": str(each["why"]), "label": str(each["why"].label), "counts": each["counts"]}
            for each in queries.unjudged(run)
        ],
    }


class PolicyDraftList(Endpoint):
    roles = {"GET": readers.POLICY_DRAFTS}

    @extend_schema(summary="本部门的政策草案", responses={200: page_of(PolicyDraftAnswer)})
    def get(self, request):
        return paged(self, request, drafting.drafts_visible_to(self.actor), rendered(PolicyDraftAnswer))


class WhatIfList(Endpoint):
    roles = {"GET": readers.WHAT_IFS, "POST": DRAFTING}

    @extend_schema(summary="本部门的政策试算", responses={200: page_of(WhatIfListed)})
    def get(self, request):
        return paged(self, request, queries.runs_visible_to(self.actor), rendered(WhatIfListed))

    @extend_schema(summary="发起政策试算", request=WhatIfBody, responses={201: WhatIfAnswer})
    def post(self, request):
        run = what_if_start(actor=self.actor, at=self.now, **_asked(WhatIfBody.read(request)))
        return Response(_answer(self.actor, run), status=201)


class WhatIfDetail(Endpoint):
    roles = {"GET": readers.WHAT_IFS}

    @extend_schema(summary="政策试算的结果", responses={200: WhatIfAnswer})
    def get(self, request, run_id):
        return Response(_answer(self.actor, queries.access_run(self.actor, run_id)))


urlpatterns = [
    path("policy-drafts/", PolicyDraftList.as_view(), name="api-policy-drafts"),
    path("what-ifs/", WhatIfList.as_view(), name="api-what-ifs"),
    path("what-ifs/<int:run_id>/", WhatIfDetail.as_view(), name="api-what-if"),
]
