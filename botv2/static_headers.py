"""Headers of static files, which are answered before the middleware of pages."""

from wsgiref.headers import Headers


def add_headers(headers: Headers, path: str, url: str) -> None:
    """A file opened by itself loads and runs nothing, and no other site may frame it or take it in."""
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
