from django.urls import path

from supervision.web import portal, portal_checkpoints, portal_publicity

app_name = "portal"
urlpatterns = [
    path("", portal.portal, name="portal"),
    path("feed.json", portal.feed, name="feed"),
    path("checkpoints/", portal_checkpoints.checkpoints, name="checkpoints"),
    path("checkpoints.json", portal_checkpoints.feed, name="checkpoints_feed"),
    path("publications/", portal_publicity.publications, name="publications"),
    path("publications.json", portal_publicity.feed, name="publications_feed"),
    path("publications/<str:number>/", portal_publicity.publication, name="publication"),
    path("publications/<str:number>/object/", portal_publicity.objection, name="objection"),
    path("objections/", portal_publicity.follow, name="follow"),
]
