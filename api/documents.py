"""/api/schema and /api/docs: what the API says of itself."""

from functools import cache
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from api.params import NoParams
from api.schema.operation import documented
from api.schema.shapes import JSON, TEXT
from api.views import AccountViewSet
from dashboard.fields import dumps


@cache
def document() -> bytes:
    return dumps(SchemaGenerator().get_schema(public=True))


class SchemaViewSet(AccountViewSet):
    """The OpenAPI document of this API, for tools: it is not in the envelope."""

    needs_account: ClassVar[bool] = False

    @documented(None, fresh=True, media={"application/json": JSON})
    def list(self, request: Request) -> HttpResponse:
        """This document."""
        self.params(NoParams)
        response = HttpResponse(document(), content_type="application/json")
        response["Cache-Control"] = "private, no-cache"
        return response


class DocsViewSet(AccountViewSet):
    """The documentation as a page, on which every operation can be tried."""

    needs_account: ClassVar[bool] = False

    @documented(None, fresh=True, media={"text/html": TEXT})
    def list(self, request: Request) -> HttpResponse:
        """This documentation as a page."""
        self.params(NoParams)
        return render(request, "pages/docs.html")

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotAuthenticated) and self.request.accepted_renderer.format == "api":
            return redirect_to_login(self.request.get_full_path())
        return super().handle_exception(exc)
