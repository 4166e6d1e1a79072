"""The desk for publications and objections."""

from django.urls import path

from sunlight.publicity import web as publicity

app_name = "publicity"
urlpatterns = [
    path("", publicity.publications, name="publications"),
    path("<int:publication_id>/", publicity.publication, name="publication"),
    path("<int:publication_id>/withdraw/", publicity.withdraw, name="withdraw"),
    path("objections/<int:objection_id>/answer/", publicity.answer, name="answer"),
    path("objections/<int:objection_id>/evidence/", publicity.evidence, name="evidence"),
]
