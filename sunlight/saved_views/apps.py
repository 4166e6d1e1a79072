from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    name = "sunlight.saved_views"
    label = "saved_views"
    verbose_name = "视图"
