from django.urls import path

from pricing.api import declarations, feeds, moving, prices

urlpatterns = [
    *feeds.routes,
    *moving.routes,
    path("declarations/", declarations.DeclarationList.as_view(), name="declarations"),
    path("declarations/<int:declaration_id>/", declarations.DeclarationDetail.as_view(), name="declaration"),
    path(
        "declarations/<int:declaration_id>/confirm/",
        declarations.DeclarationConfirm.as_view(),
        name="declaration-confirm",
    ),
    path(
        "declarations/<int:declaration_id>/reject/", declarations.DeclarationReject.as_view(), name="declaration-reject"
    ),
    path("price-lists/", prices.PriceListUpload.as_view(), name="price-lists"),
    path("price-lists/<int:run_id>/", prices.PriceListReport.as_view(), name="price-list"),
    path("price-information/", prices.PriceInformation.as_view(), name="price-information"),
    path("price-groups/<int:price_group_id>/prices/", prices.GroupPrices.as_view(), name="price-group-prices"),
]
