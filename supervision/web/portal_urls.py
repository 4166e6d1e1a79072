from django.urls import path

from supervision.web import portal

app_name = "portal"
urlpatterns = [
    path("", portal.portal, name="portal"),
    path("feed.json", portal.feed, name="feed"),
]
