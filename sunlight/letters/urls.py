"""The pages of official letters."""

from sunlight.letters.web import letters, moves, templates

app_name = "letters"
urlpatterns = [*letters.routes, *moves.routes, *templates.routes]
