"""What the blocks offer every client."""

from sunlight.api.jobs import routes

urlpatterns = [*routes]
