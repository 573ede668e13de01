"""One operation of the document, from what its view and its method say."""

from inspect import getdoc
from typing import Any

import uritemplate
from drf_spectacular.openapi import AutoSchema

from api.permissions import ROLES, SCOPES, Need
from api.schema.inputs import ROW_ID, SYMBOL, query
from api.schema.operation import Operation, operation_of
from api.schema.shapes import COMPONENTS, Shape, closed

SLUG = "^[a-z0-9-]{1,50}$"
ERRORS = (400, 401, 403, 404, 429, 503)
WRITE_ERRORS = (*ERRORS, 409, 413, 415, 422)

ACCOUNT: Shape = {
    "name": "account",
    "in": "query",
    "required": False,
    "description": "Slug of the account; by default the key's own, or a person's only one.",
    "schema": {"type": "string", "pattern": SLUG},
}
UNCHANGED: Shape = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of an earlier answer: 304 if nothing changed since.",
    "schema": {"type": "string"},
}
ONCE: Shape = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repetition with this key gets the first answer again and changes nothing.",
    "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,62}[!-~])?$"},
}
PATHS: dict[str, Shape] = {"id": ROW_ID, "slug": {"type": "string", "pattern": SLUG}, "symbol": SYMBOL}
FILE: Shape = {"type": "string", "format": "binary"}
ETAG: Shape = {"ETag": {"description": "Changes with the data.", "schema": {"type": "string"}}}


class ApiSchema(AutoSchema):
    """Reads what `documented` and `reported` left at the method, instead of serializers, which the API does not use."""

    view: Any  # an AccountViewSet, which imports this

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Shape:
        handler = getattr(self.view, self.view.action)
        about = operation_of(self.view, self.view.action)
        summary, _, more = (getdoc(handler) or getdoc(self.view) or "").partition("\n\n")
        found: Shape = {
            "operationId": operation_id(path, self.view),
            "summary": summary.replace("`", "").rstrip("."),
            "description": "\n\n".join(part for part in (more, self.needs(method)) if part),
            "tags": [path.split("/")[2]],
            "parameters": self.address(path, about) + self.headers(method, about),
            "security": [{"key": []}] * bool(self.scopes(method)) + [{"session": []}],
            "responses": responses(method, about),
        }
        if about.body is not None:
            content = {"schema": about.body, **({"examples": about.examples} if about.examples else {})}
            found["requestBody"] = {"required": not is_empty(about.body), "content": {"application/json": content}}
        if about.file:
            found["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": FILE}}}
        return found

    def needed(self, method: str) -> set[Need]:
        return set(self.view.needs[method])

    def scopes(self, method: str) -> list[str]:
        return [scope for scope, allowed in SCOPES.items() if allowed & self.needed(method)]

    def needs(self, method: str) -> str:
        """Who may do this."""
        roles = [f"{role.value}s" for role, allowed in ROLES.items() if allowed & self.needed(method)]
        scopes = [f"`{scope}`" for scope in self.scopes(method)]
        said = f"Keys with {' or '.join(scopes)}; " if scopes else "No key; "
        said += f"people: {', '.join(roles)}"
        return said + (", with a password given in the last ten minutes." if method in self.view.confirms else ".")

    def address(self, path: str, about: Operation) -> list[Shape]:
        places = [
            {"name": name, "in": "path", "required": True, "schema": (about.path or PATHS)[name]}
            for name in uritemplate.variables(path)
        ]
        return places + [ACCOUNT] * self.view.needs_account + query(about.params, about.filters)

    def headers(self, method: str, about: Operation) -> list[Shape]:
        if about.fresh or about.secret:
            return []
        return [UNCHANGED if method == "GET" else ONCE]


def is_empty(body: Shape) -> bool:
    """Whether nothing at all is as good as an object without any field."""
    shape = COMPONENTS[body["$ref"].rpartition("/")[2]] if "$ref" in body else body
    return shape.get("type") == "object" and "required" not in shape


def operation_id(path: str, view: Any) -> str:
    parts = [part.replace("-", "_") for part in path.split("/")[2:] if not part.startswith("{")]
    return "_".join(parts if parts[-1] == view.action else [*parts, view.action])


def responses(method: str, about: Operation) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for status, data in about.data.items():
        found[str(status)] = answer(data, about)
    if method == "GET" and not about.fresh:
        found["200"]["headers"] = ETAG
        found["304"] = {"description": "Nothing changed since the answer with this ETag.", "headers": ETAG}
    for status in ERRORS if method == "GET" else WRITE_ERRORS:
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return found


def answer(data: Shape | None, about: Operation) -> Shape:
    if about.media:
        content = {kind: {"schema": shape} for kind, shape in about.media.items()}
    elif data is None:
        return {"description": "Done; there is nothing to say."}
    else:
        content = {"application/json": {"schema": closed({"success": {"const": True}, "data": data})}}
    return {"description": "The secret in it is shown this once." if about.secret else "Success.", "content": content}
