"""What the blocks offer every client."""

from sunlight.api import jobs, saved_views

urlpatterns = [*jobs.routes, *saved_views.routes]
