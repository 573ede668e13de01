"""JSON out, with exact decimals."""

from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer

from dashboard.fields import dumps


class ExactJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if isinstance(data, bytes):
            return data
        return b"" if data is None else dumps(data)


class BrowsableRenderer(BrowsableAPIRenderer):
    """The browsable API, with one raw JSON form instead of generated HTML forms."""

    def get_default_renderer(self, view: Any) -> BaseRenderer:
        return ExactJSONRenderer()

    def render_form_for_serializer(self, serializer: Any) -> str:
        return ""

    def show_form_for_method(self, view: Any, method: str, request: Any, obj: Any) -> bool:
        return False


class JsonUnlessHtml(DefaultContentNegotiation):
    """Whoever accepts neither JSON nor HTML gets JSON: a program learns more from it than from a 406."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
