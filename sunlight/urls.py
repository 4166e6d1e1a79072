"""Every route. Pages and API of each app are listed in its own `urls`, or `web.urls` and `api.urls`."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from sunlight.accounts.api.oauth import Token
from sunlight.accounts.web import apidocs
from sunlight.web.language import choose

urlpatterns = [
    path("", include("sunlight.accounts.urls")),
    path("", include("sunlight.messages.urls")),
    path("", include("sunlight.registration.urls")),
    path("approval/", include("sunlight.approval.urls")),
    path("publicity/", include("sunlight.publicity.urls")),
    path("deadlines/", include("sunlight.deadlines.urls")),
    path("webhooks/", include("sunlight.webhooks.urls")),
    path("reconciliation/", include("sunlight.reconciliation.urls")),
    path("", include("sunlight.web.urls")),
    path("files/", include("sunlight.web.file_urls")),
    path("jobs/", include("sunlight.web.job_urls")),
    path("language/", choose, name="language"),
    path("views/", include("sunlight.web.view_urls")),
    path("operations/", include("sunlight.operations.web.urls")),
    path("catalog/", include("catalog.web.urls")),
    path("pricing/", include("pricing.web.urls")),
    path("", include("procurement.web.urls")),
    path("settlement/", include("settlement.web.urls")),
    path("supervision/", include("supervision.web.urls")),
    path("portal/", include("supervision.web.portal_urls")),
    path("oauth2/token", Token.as_view(), name="oauth2-token"),
    path("api/v1/", include("sunlight.api.urls")),
    path("api/v1/", include("sunlight.messages.api")),
    path("api/v1/", include("sunlight.registration.api")),
    path("api/v1/", include("sunlight.approval.api")),
    path("api/v1/", include("sunlight.deadlines.api")),
    path("api/v1/", include("sunlight.webhooks.api")),
    path("api/v1/", include("sunlight.reconciliation.api")),
    path("api/v1/", include("sunlight.accounts.api.urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("pricing.api.urls")),
    path("api/v1/", include("procurement.api.urls")),
    path("api/v1/", include("settlement.api.urls")),
    path("api/v1/", include("supervision.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", apidocs.index, name="api-docs"),
    path("api/docs/<slug:tag>/", apidocs.topic, name="api-docs-topic"),
]

handler403 = "sunlight.web.errors.forbidden"
handler404 = "sunlight.web.errors.not_found"
handler500 = "sunlight.web.errors.broken"
