from django.apps import AppConfig


class GroundFloorConfig(AppConfig):
    name = "sccon"
    verbose_name = "Site"
