"""All routes of the product."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from botv2 import content_policy, health, security_txt
from botv2.metrics import metrics
from dashboard.pages import AdminSignIn

urlpatterns = [
    path("healthz", health.live),
    path("readyz", health.ready),
    path("metrics", metrics),
    path("csp-report", content_policy.report),
    path(".well-known/security.txt", security_txt.security_txt),
    path("api/", include("api.urls")),
    path(f"{settings.ADMIN_PATH}login/", AdminSignIn.as_view()),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("", include("dashboard.urls")),
]

handler400 = "dashboard.errors.bad_request"
handler403 = "dashboard.errors.forbidden"
handler404 = "dashboard.errors.not_found"
handler500 = "dashboard.errors.server_error"
