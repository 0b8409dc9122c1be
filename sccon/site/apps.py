from django.apps import AppConfig


class RoofConfig(AppConfig):
    name = "sccon.site"
    label = "site"
