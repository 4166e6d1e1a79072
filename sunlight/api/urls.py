"""What the kits offer every client."""

from sunlight.api import jobs, saved_views

urlpatterns = [*jobs.routes, *saved_views.routes]
