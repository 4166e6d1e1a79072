"""The desk for publications and objections."""

from django.urls import path

from sunlight.publicity import web

app_name = "publicity"
urlpatterns = [
    path("", web.publications, name="publications"),
    path("<int:publication_id>/", web.publication, name="publication"),
    path("<int:publication_id>/withdraw/", web.withdraw, name="withdraw"),
    path("objections/<int:objection_id>/answer/", web.answer, name="answer"),
]
