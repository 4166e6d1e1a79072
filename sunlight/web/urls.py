"""Pages that belong to the kits."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from sunlight.web import imports


class SheetForm(StringConverter):
    regex = "csv|xlsx"


register_converter(SheetForm, "sheet_form")

app_name = "imports"
urlpatterns = [
    path("imports/<int:run_id>/", imports.run, name="run"),
    path("imports/<int:run_id>/refused.<sheet_form:form>", imports.refused, name="refused"),
    path("imports/<int:run_id>/marked.xlsx", imports.marked, name="marked"),
    path("imports/<int:run_id>/original", imports.original, name="original"),
]
