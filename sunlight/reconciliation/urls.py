from django.urls import path

from sunlight.reconciliation.web import discrepancies as web

_ONE = "<int:discrepancy_id>/"

app_name = "reconciliation"
urlpatterns = [
    path("", web.discrepancies, name="discrepancies"),
    path("runs/", web.reconciliations, name="reconciliations"),
    path("runs/begin/", web.begin, name="reconciliation_begin"),
    path(_ONE, web.discrepancy, name="discrepancy"),
    path(f"{_ONE}look/", web.look, name="discrepancy_look"),
    path(f"{_ONE}release/", web.release, name="discrepancy_release"),
    path(f"{_ONE}send-back/", web.send_back, name="discrepancy_send_back"),
]
