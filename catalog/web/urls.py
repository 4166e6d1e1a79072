"""Pages of the catalogue, under /catalog/."""

from django.urls import path

from catalog.web import imports, listings, review

app_name = "catalog"
urlpatterns = [
    path("releases/", imports.releases, name="releases"),
    path("releases/<slug:sheet>.xlsx", imports.template, name="release_template"),
    path("codes/", listings.codes, name="codes"),
    path("listings/", listings.listings, name="listings"),
    path("listings/<int:listing_id>/", listings.listing, name="listing"),
    path("listings/<int:listing_id>/revise/", listings.revise, name="revise"),
    *review.routes,
    path("apply/", listings.products, name="products"),
    path("apply/<slug:product>/", listings.application, name="application"),
]
