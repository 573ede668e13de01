"""JSON out, with exact decimals; and the browsable API, which shows the same to a person."""

import json
from typing import Any

import orjson
from django.forms import Form
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer

from api.schema.operation import operation_of
from dashboard.fields import dumps

ADDRESSES = "accounts snapshot portfolio trades strategies market alerts events audit keys members".split()


class ExactJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if isinstance(data, bytes):
            return data
        return b"" if data is None else dumps(data)


class IndentedRenderer(ExactJSONRenderer):
    """For reading; the digits of numbers stay as they are."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not (text := super().render(data)):
            return text
        parsed = json.loads(text, parse_float=orjson.Fragment, parse_int=orjson.Fragment)
        return orjson.dumps(parsed, option=orjson.OPT_INDENT_2)


class BrowsableRenderer(BrowsableAPIRenderer):
    """The browsable API: JSON goes in and out, and a form begins with the documented example."""

    def get_default_renderer(self, view: Any) -> BaseRenderer:
        return IndentedRenderer()

    def get_raw_data_form(self, data: Any, view: Any, method: str, request: Any) -> Form | None:
        form: Form | None = super().get_raw_data_form(data, view, method, request)
        if form is not None:
            operation = operation_of(view, view.action_map[method.lower()])
            if operation.body is None:
                return None
            examples = [each["value"] for each in operation.examples.values()]
            form.fields["_content"].initial = json.dumps(examples[0] if examples else {}, indent=2)
        return form

    def get_context(self, data: Any, accepted_media_type: str | None, renderer_context: Any) -> dict[str, Any]:
        return {
            **super().get_context(data, accepted_media_type, renderer_context),
            "code_style": "",  # an inline style
            "addresses": ADDRESSES,
        }


class JsonUnlessHtml(DefaultContentNegotiation):
    """Whoever accepts neither JSON nor HTML gets JSON: a program learns more from it than from a 406."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
