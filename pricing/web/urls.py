from django.urls import path

from pricing.web import confirmations, declarations, information, nightly, notices, references

app_name = "pricing"
urlpatterns = [
    path("products/", declarations.products, name="products"),
    path("groups/<int:price_group_id>/", information.information, name="information"),
    path("products/template.<sheet_form:form>", declarations.template, name="template"),
    path("products/upload/", declarations.upload, name="upload"),
    path("products/<int:price_group_id>/declare/", declarations.declare, name="declare"),
    path("declarations/", declarations.declarations, name="declarations"),
    path("declarations/<int:declaration_id>/", declarations.declaration, name="declaration"),
    path("confirmations/", confirmations.confirmations, name="confirmations"),
    path("confirmations/<int:declaration_id>/", confirmations.confirmations, name="confirmation"),
    *references.routes,
    *notices.routes,
    path("nightly/", nightly.runs, name="nightly"),
]
