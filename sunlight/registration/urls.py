"""The applicant's pages, the operator's desk, an organisation's qualifications."""

from django.urls import path

from sunlight.registration.web import applicant, desk

app_name = "registration"
urlpatterns = [
    path("registration/", applicant.start, name="start"),
    path("registration/<str:number>/<str:secret>/", applicant.application, name="application"),
    path(
        "registration/<str:number>/<str:secret>/documents/<int:document_id>/",
        applicant.document,
        name="document",
    ),
    path("registrations/", desk.registrations, name="registrations"),
    path("registrations/<int:application_id>/", desk.review, name="review"),
    path("qualifications/", desk.qualifications, name="qualifications"),
    path("qualifications/new/", desk.qualification_new, name="qualification_new"),
    path("qualifications/<int:qualification_id>/", desk.qualification, name="qualification"),
]
