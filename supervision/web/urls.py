from django.urls import path

from supervision.web import trace

app_name = "supervision"
urlpatterns = [
    path("trace/<slug:subject_type>/<int:subject_id>/", trace.trace, name="trace"),
    path("refusals/", trace.refusals, name="refusals"),
    path("clauses/<str:clause_id>/", trace.clause, name="clause"),
]
