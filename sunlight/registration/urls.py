"""The applicant's pages, the operator's desk, an organisation's qualifications."""

from django.urls import path

from sunlight.registration.web import applicant, desk

app_name = "registration"
urlpatterns = [
    path("registration/", applicant.start, name="start"),
    path("registration/<str:number>/", applicant.application, name="application"),
    path("registration/<str:number>/documents/<int:document_id>/", applicant.document, name="document"),
    # Links of earlier days, with the secret in the path.
    path("registration/<str:number>/<str:secret>/", applicant.exchange, name="exchange"),
    path("registrations/", desk.registrations, name="registrations"),
    path("registrations/<int:application_id>/", desk.review, name="review"),
    path("qualifications/", desk.qualifications, name="qualifications"),
    path("qualifications/new/", desk.qualification_new, name="qualification_new"),
    path("qualifications/<int:qualification_id>/", desk.qualification, name="qualification"),
]
