"""The message centre and the operator's notices."""

from django.urls import path

from sunlight.messages.web import messages, notices

app_name = "messages"
urlpatterns = [
    path("messages/", messages.messages, name="list"),
    path("messages/read/", messages.read_all, name="read_all"),
    path("messages/mail/", messages.mail, name="mail"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/<int:message_id>/read/", messages.read, name="read"),
    path("messages/<int:message_id>/acknowledge/", messages.acknowledge, name="acknowledge"),
    path("notices/", notices.notices, name="notices"),
    path("notices/new/", notices.new, name="notice_new"),
    path("notices/<int:notice_id>/", notices.notice, name="notice"),
]
