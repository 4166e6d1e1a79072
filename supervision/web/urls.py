from django.urls import path

from supervision.web import law, overview, rules, trace

app_name = "supervision"
urlpatterns = [
    path("trace/<slug:subject_type>/<int:subject_id>/", trace.trace, name="trace"),
    path("refusals/", trace.refusals, name="refusals"),
    path("clauses/<str:clause_id>/", trace.clause, name="clause"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<str:name>/", rules.rule, name="rule"),
    path("acts/", law.acts, name="acts"),
    path("acts/<slug:act_id>/", law.act, name="act"),
    path("overview/", overview.overview, name="overview"),
    path("overview/rows/<slug:figure>/", overview.figure_rows, name="figure_rows"),
    path("overview/refusals/<str:clause_id>/", overview.clause_refusals, name="clause_refusals"),
    path("parameters/", law.parameters, name="parameters"),
]
