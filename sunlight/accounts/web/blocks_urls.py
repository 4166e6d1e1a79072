"""Pages of the blocks; `accounts.urls` takes them in."""

from django.urls import path

from sunlight.approval import web as approval
from sunlight.accounts.web import clients
from sunlight.web import files
from sunlight.registration.web import applicant as registration, desk as registration_desk
from sunlight.webhooks import web as webhooks

urlpatterns = [
    path("files/", files.files, name="files"),
    path("files/<int:file_id>/", files.file, name="file"),
    path("approval/", approval.flow, name="approval_flow"),
    path("registration/", registration.start, name="registration"),
    path("registration/<str:number>/<str:secret>/", registration.application, name="application"),
    path(
        "registration/<str:number>/<str:secret>/documents/<int:document_id>/",
        registration.document,
        name="application_document",
    ),
    path("registrations/", registration_desk.registrations, name="registrations"),
    path("registrations/<int:application_id>/", registration_desk.review, name="registration_review"),
    path("qualifications/", registration_desk.qualifications, name="qualifications"),
    path("qualifications/new/", registration_desk.qualification_new, name="qualification_new"),
    path("qualifications/<int:qualification_id>/", registration_desk.qualification, name="qualification"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.new, name="client_new"),
    path("clients/<int:client_pk>/", clients.change, name="client_change"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/deliveries/<int:delivery_id>/redeliver/", webhooks.redeliver, name="webhook_redeliver"),
]
