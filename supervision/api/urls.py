from django.urls import path

from supervision.api import what_if
from supervision.api.rules import RuleAsk, RuleList

urlpatterns = [
    path("rules/", RuleList.as_view(), name="api-rules"),
    path("rules/<str:name>/", RuleAsk.as_view(), name="api-rule"),
    *what_if.urlpatterns,
]
