from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "botv2"

    def ready(self) -> None:
        from botv2 import checks  # noqa: F401  registers the system checks
