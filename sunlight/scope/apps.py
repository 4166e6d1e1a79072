from django.apps import AppConfig


class ScopeConfig(AppConfig):
    name = "sunlight.scope"
    label = "scope"
    verbose_name = "作用域"
