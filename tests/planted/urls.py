from django.urls import include, path

from sunlight import urls
from sunlight.urls import handler403, handler404, handler500  # noqa: F401

urlpatterns = [*urls.urlpatterns, path("recalls/", include("recalls.web.urls"))]
