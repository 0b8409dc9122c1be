from django.apps import AppConfig


class GroundFloorConfig(AppConfig):
    name = "sccon"
    verbose_name = "Site"

    def ready(self) -> None:
        # Now, while procrastinate still collects: its own start imports this module too late to keep the tasks in it.
        import sccon.jobs  # noqa: F401
