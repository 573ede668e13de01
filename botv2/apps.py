from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.staticfiles.apps import StaticFilesConfig


class ProjectConfig(AppConfig):
    name = "botv2"
    default = True

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from botv2 import checks  # noqa: F401  registers the system checks
        from botv2.keeper import renew_read_only

        connection_created.connect(renew_read_only)


class StaticFiles(StaticFilesConfig):
    # Of the tools for API documentation only Swagger UI is used, and of that only what /api/docs loads.
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns, "redoc", "swagger-ui-standalone-preset.*", "oauth2-redirect.*",
    ]  # fmt: skip


class Admin(admin.AdminConfig):
    default = False
    default_site = "dashboard.admin_site.Site"
